package athanor.merge.plan;

import athanor.model.CheckpointModel;
import athanor.model.Component;
import athanor.model.PositionIds;
import athanor.model.vae.Autoencoder;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Changes to a checkpoint that go without arithmetic: another VAE, position ids as they should be,
 * no moving averages, or such as the LoRAs are merged into.
 *
 * @param vae the VAE that replaces or joins that of the checkpoint
 * @param positionIds keys whose values become 0 to 76 as int64
 * @param average what becomes of the moving average that trainers keep
 */
public record PlannedEdits(Optional<Vae> vae, Set<String> positionIds, AverageFate average) {

  /**
   * A VAE of another file.
   *
   * @param file the open file
   * @param autoencoder where in it each tensor is
   */
  public record Vae(StateDict file, Autoencoder autoencoder) {}

  /**
   * A tensor of the edited checkpoint.
   *
   * @param source where its values come from
   * @param tensor its key, type and shape
   */
  public record Edited(TensorSource source, TensorInfo tensor) {}

  /** Copies the set. */
  public PlannedEdits {
    positionIds = Set.copyOf(positionIds);
  }

  /** No changes. */
  public static PlannedEdits none() {
    return new PlannedEdits(Optional.empty(), Set.of(), AverageFate.KEPT);
  }

  /**
   * The tensors of the edited checkpoint in the order of the base. A new VAE takes the places of
   * the old one key by key; what the base lacks follows its last VAE tensor, or stands at the end
   * if it has none. Of the old VAE nothing stays.
   */
  public List<Edited> apply(StateDict base, CheckpointModel model) {
    Map<String, Autoencoder.Tensor> remaining = new LinkedHashMap<>();
    vae.ifPresent(v ->
        v.autoencoder()
            .tensors()
            .forEach((key, tensor) -> {
              String stored = model.storedKey(key);
              TensorInfo placed = tensor.placed();
              remaining.put(
                  stored,
                  new Autoencoder.Tensor(
                      tensor.stored(), new TensorInfo(stored, placed.dtype(), placed.shape())));
            }));
    List<Edited> edited = new ArrayList<>();
    int end = -1;
    for (TensorInfo tensor : base.tensors()) {
      if (vae.isPresent() && model.componentOf(tensor.key()) == Component.VAE) {
        Autoencoder.Tensor replacement = remaining.remove(tensor.key());
        if (replacement != null) {
          edited.add(of(vae.get(), replacement));
        }
        end = edited.size();
      } else if (average != AverageFate.LEFT_OUT
          || model.componentOf(tensor.key()) != Component.EMA) {
        edited.add(unchangedOrFixed(base, tensor));
      }
    }
    List<Edited> added =
        remaining.values().stream().map(tensor -> of(vae.orElseThrow(), tensor)).toList();
    edited.addAll(end < 0 ? edited.size() : end, added);
    return edited;
  }

  private Edited unchangedOrFixed(StateDict base, TensorInfo tensor) {
    if (positionIds.contains(tensor.key())) {
      TensorInfo fixed = PositionIds.info(tensor.key());
      return new Edited(new TensorSource.Constant(fixed, PositionIds.values()), fixed);
    }
    return new Edited(new TensorSource.Stored(base, tensor), tensor);
  }

  private static Edited of(Vae vae, Autoencoder.Tensor tensor) {
    return new Edited(new TensorSource.Stored(vae.file(), tensor.stored()), tensor.placed());
  }
}
