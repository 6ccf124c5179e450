package athanor.model;

import athanor.model.known.ForeignKind;
import athanor.model.known.Quantisation;
import athanor.model.naming.UnwrappedKeys;
import athanor.model.table.KeySet;
import athanor.tensor.TensorInfo;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Asks in turn, of the keys without wrappers: other kinds of file, the families of architectures,
 * parts of models.
 */
final class Recognizer {
  private Recognizer() {}

  static Recognition recognize(Collection<TensorInfo> tensors) {
    UnwrappedKeys keys = UnwrappedKeys.of(tensors);
    Recognition recognition = recognize(keys.plain());
    if (recognition instanceof Recognition.NotACheckpoint) {
      return inAnotherLayout(tensors).orElse(recognition);
    }
    return keys.areWrapped() && recognition instanceof Recognition.Checkpoint(CheckpointModel model)
        ? new Recognition.Checkpoint(new WrappedCheckpoint(model, keys, tensors))
        : recognition;
  }

  /** A part of a model that is a checkpoint under the names of another layout. */
  private static Optional<Recognition> inAnotherLayout(Collection<TensorInfo> tensors) {
    for (ArchitectureFamily family : Architectures.families()) {
      Optional<UnwrappedKeys> renamed =
          family.plainKeys(KeySet.of(tensors)).map(names -> UnwrappedKeys.renamed(tensors, names));
      if (renamed.isPresent()
          && recognize(renamed.get().plain())
              instanceof Recognition.Checkpoint(CheckpointModel model)) {
        return Optional.of(
            new Recognition.Checkpoint(WrappedCheckpoint.renamed(model, renamed.get(), tensors)));
      }
    }
    return Optional.empty();
  }

  private static Recognition recognize(KeySet keys) {
    if (keys.size() == 0) {
      return new Recognition.Unknown("a file without tensors");
    }
    Optional<ForeignKind> foreign = ForeignKind.of(keys);
    if (foreign.isPresent()) {
      return foreign.get().recognition();
    }
    Optional<Quantisation> quantised = Quantisation.of(keys);
    if (quantised.isPresent()) {
      return quantised.get().recognition();
    }
    for (ArchitectureFamily family : Architectures.families()) {
      Optional<Recognition> recognized = family.recognize(keys);
      if (recognized.isPresent()) {
        return recognized.get();
      }
    }
    return ForeignKind.partOf(keys)
        .map(ForeignKind::recognition)
        .orElseGet(() -> new Recognition.Unknown(outline(keys)));
  }

  private static String outline(KeySet keys) {
    Map<String, Integer> counts = new HashMap<>();
    for (String key : keys.tensors().keySet()) {
      int dot = key.indexOf('.');
      counts.merge(dot < 0 ? key : key.substring(0, dot + 1), 1, Integer::sum);
    }
    String most =
        counts.entrySet().stream()
            .max(Map.Entry.<String, Integer>comparingByValue().thenComparing(Map.Entry::getKey))
            .map(Map.Entry::getKey)
            .orElse("");
    return keys.size()
        + (keys.size() == 1 ? " tensor" : " tensors")
        + ", "
        + counts.get(most)
        + " of them under "
        + most
        + "; none of the known layouts";
  }
}
