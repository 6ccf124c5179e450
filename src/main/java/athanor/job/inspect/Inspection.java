package athanor.job.inspect;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterTraits;
import athanor.job.input.Inputs;
import athanor.model.Architecture;
import athanor.model.CheckpointModel;
import athanor.model.Component;
import athanor.model.LoraArchitecture;
import athanor.model.Recognition;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.torchfile.TorchFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a file is, from its structure alone.
 *
 * @param what in a few words, such as {@code SD 1.x checkpoint} or {@code LoRA for SDXL}
 * @param facts label and text, in the order in which they are worth reading
 * @param notes oddities, and what to do about them
 * @param skipped what a PyTorch file holds besides weights, at most a hundred keys
 * @param metadata the text metadata of the file
 * @param tensors all tensors, in the order of the file
 */
public record Inspection(
    String what,
    List<Fact> facts,
    List<String> notes,
    List<String> skipped,
    Map<String, String> metadata,
    List<TensorInfo> tensors) {

  /**
   * One thing known of a file.
   *
   * @param label a word, such as {@code parts}
   * @param text its value
   */
  public record Fact(String label, String text) {}

  /** Copies the lists. */
  public Inspection {
    facts = List.copyOf(facts);
    notes = List.copyOf(notes);
    skipped = List.copyOf(skipped);
    tensors = List.copyOf(tensors);
  }

  /**
   * Looks at a file.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it is missing, damaged or no model;
   *     the message says what it really is
   */
  public static Inspection of(Path path) {
    return of(path, Inputs.LOCAL);
  }

  /**
   * Looks at a file that may be elsewhere.
   *
   * @throws athanor.error.AthanorException as {@link #of(Path)}; of kind NETWORK if its bytes
   *     cannot be had
   */
  public static Inspection of(Path path, Inputs inputs) {
    List<String> notes = new ArrayList<>();
    try (StateDict file = inputs.open(path, notes::add)) {
      if (file instanceof TorchFile torch) {
        notes.addAll(torch.notes().remarks());
      }
      List<Fact> facts = new ArrayList<>();
      facts.add(new Fact("container", file.container().label()));
      facts.add(new Fact("tensors", Integer.toString(file.tensors().size())));
      facts.add(new Fact("types", DTypeShares.of(file)));
      String what =
          AdapterFile.looksLikeAdapter(file.tensors())
              ? describeLora(AdapterFile.of(file), facts, notes)
              : describeModel(file, facts, notes);
      RecipeText.of(file.metadata()).ifPresent(text -> facts.add(new Fact("made from", text)));
      return new Inspection(
          what,
          facts,
          notes.stream().map(note -> withoutName(note, file.name())).toList(),
          skipped(file),
          file.metadata(),
          file.tensors());
    }
  }

  /** Notes name their file, which is said already. */
  private static String withoutName(String note, String name) {
    return note.startsWith(name + ": ") ? note.substring(name.length() + 2) : note;
  }

  private static List<String> skipped(StateDict file) {
    if (!(file instanceof TorchFile torch)) {
      return List.of();
    }
    List<String> skipped = new ArrayList<>(torch.notes().ignoredEntries());
    skipped.addAll(torch.notes().ignoredObjects().keySet());
    return skipped;
  }

  private static String describeLora(AdapterFile file, List<Fact> facts, List<String> notes) {
    AdapterTraits traits = AdapterTraits.of(file);
    LoraArchitecture madeFor = file.madeFor();
    facts.add(new Fact("modules", Integer.toString(file.modules().size())));
    facts.add(new Fact("rank", traits.rankText()));
    facts.add(new Fact("alpha", traits.alphaText()));
    facts.add(new Fact("made for", madeForText(madeFor) + " (" + madeFor.evidence() + ")"));
    facts.addAll(LoraTraining.facts(file.source().metadata()));
    file.recognisedOnly().forEach(format -> notes.add(format.label() + " cannot be merged yet"));
    if (!file.otherKeys().isEmpty()) {
      notes.add(
          file.otherKeys().size()
              + " keys belong to no module, for example "
              + file.otherKeys().getFirst());
    }
    return traits.kind() + " for " + madeForText(madeFor);
  }

  private static String madeForText(LoraArchitecture madeFor) {
    return switch (madeFor) {
      case LoraArchitecture.Certain certain -> certain.architecture().label();
      case LoraArchitecture.OneOf several ->
          several.candidates().stream()
              .map(Architecture::label)
              .collect(Collectors.joining(" or "));
      case LoraArchitecture.Undetermined _ -> "an unknown architecture";
    };
  }

  private static String describeModel(StateDict file, List<Fact> facts, List<String> notes) {
    return switch (Recognition.of(file.tensors())) {
      case Recognition.Checkpoint(CheckpointModel model) -> {
        facts.add(new Fact("parts", parts(model)));
        facts.add(new Fact("types of parts", CheckpointHealth.typesOfParts(model)));
        notes.addAll(CheckpointHealth.of(file, model));
        yield model.description(" checkpoint");
      }
      case Recognition.Unsupported unsupported -> {
        notes.add(unsupported.architecture().label() + " cannot be merged yet");
        yield unsupported.architecture().label() + " checkpoint";
      }
      case Recognition.Quantised quantised -> {
        notes.add(quantised.advice());
        yield quantised.what();
      }
      case Recognition.NotACheckpoint other -> {
        notes.add(other.advice());
        yield other.what();
      }
      case Recognition.Unknown unknown -> "unknown: " + unknown.looksLike();
    };
  }

  private static String parts(CheckpointModel model) {
    Map<Component, Integer> counts = new EnumMap<>(Component.class);
    for (TensorInfo tensor : model.tensors()) {
      counts.merge(model.componentOf(tensor.key()), 1, Integer::sum);
    }
    return counts.entrySet().stream()
        .map(entry -> entry.getKey().label() + " " + entry.getValue())
        .collect(Collectors.joining(", "));
  }
}
