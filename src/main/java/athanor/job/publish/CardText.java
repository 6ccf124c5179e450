package athanor.job.publish;

import athanor.adapter.AdapterFile;
import athanor.card.CardFacts;
import athanor.card.CardOptions;
import athanor.card.ModelCard;
import athanor.error.PrintableText;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.format.FileHashes;
import athanor.format.StateDicts;
import athanor.job.inspect.DTypeShares;
import athanor.job.inspect.LoraTraining;
import athanor.model.Architecture;
import athanor.model.CheckpointModel;
import athanor.model.LoraArchitecture;
import athanor.model.Recognition;
import athanor.model.Trait;
import athanor.progress.Progress;
import athanor.recipe.Provenance;
import athanor.tensor.StateDict;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes the model card of a file, from what the file says of itself. */
public final class CardText {
  private CardText() {}

  /**
   * The text of a {@code README.md}.
   *
   * @param file a checkpoint or a LoRA
   * @param options where it goes, and its licence
   * @param existing the README that is there already; it is kept, and what it lacks is added
   * @param sha256 of the whole file, if known, lower-case hexadecimal; without it, and of a LoRA,
   *     the file is read once
   * @param progress told of the reading
   * @throws athanor.error.AthanorException of kind BAD_FILE if the file cannot be read, or {@code
   *     existing} cannot be extended; INCOMPATIBLE if it is neither a checkpoint nor a LoRA
   */
  public static String of(
      Path file,
      CardOptions options,
      Optional<String> existing,
      Optional<String> sha256,
      Progress progress) {
    CardFacts facts = facts(file, sha256, progress);
    return existing.isPresent()
        ? ModelCard.update(existing.get(), facts, options)
        : ModelCard.create(facts, options);
  }

  /** What is known of a file; parameters and errors as {@link #of}. */
  static CardFacts facts(Path path, Optional<String> sha256, Progress progress) {
    try (StateDict file = StateDicts.open(path)) {
      if (file.files().size() != 1) {
        throw Problem.incompatible("a card is for one file, and this model has several")
            .at(path.toString())
            .toException();
      }
      return AdapterFile.looksLikeAdapter(file.tensors())
          ? lora(path, file, progress)
          : checkpoint(path, file, sha256, progress);
    }
  }

  private static CardFacts lora(Path path, StateDict file, Progress progress) {
    FileHashes hashes = hashes(path, progress);
    Optional<Architecture> architecture =
        AdapterFile.of(file).madeFor() instanceof LoraArchitecture.Certain certain
            ? Optional.of(certain.architecture())
            : Optional.empty();
    var known = new CardFacts.Hashes(hashes.sha256(), Optional.of(hashes.autoV3()));
    return facts(file, true, architecture, Set.of(), known);
  }

  private static CardFacts checkpoint(
      Path path, StateDict file, Optional<String> sha256, Progress progress) {
    return switch (Recognition.of(file.tensors())) {
      case Recognition.Checkpoint(CheckpointModel model) ->
          facts(
              file,
              false,
              Optional.of(model.architecture()),
              Arrays.stream(Trait.values()).filter(model::has).collect(Collectors.toSet()),
              known(path, sha256, progress));
      case Recognition.Unsupported unsupported ->
          facts(
              file,
              false,
              Optional.of(unsupported.architecture()),
              Set.of(),
              known(path, sha256, progress));
      case Recognition.Quantised quantised -> throw noModel(path, quantised.what());
      case Recognition.NotACheckpoint other -> throw noModel(path, other.what());
      case Recognition.Unknown unknown -> throw noModel(path, unknown.looksLike());
    };
  }

  private static RuntimeException noModel(Path path, String what) {
    return Problem.incompatible("cards are written for checkpoints and LoRAs")
        .at(path.toString())
        .found(what)
        .toException();
  }

  private static CardFacts.Hashes known(Path path, Optional<String> sha256, Progress progress) {
    return new CardFacts.Hashes(
        sha256.orElseGet(() -> hashes(path, progress).sha256()), Optional.empty());
  }

  private static FileHashes hashes(Path path, Progress progress) {
    try (InputFile input = InputFile.open(path)) {
      return FileHashes.of(input, progress);
    }
  }

  private static CardFacts facts(
      StateDict file,
      boolean lora,
      Optional<Architecture> architecture,
      Set<Trait> traits,
      CardFacts.Hashes hashes) {
    Map<String, String> metadata = file.metadata();
    return new CardFacts(
        file.name(),
        file.files().getFirst().size(),
        lora,
        architecture,
        traits,
        DTypeShares.of(file),
        hashes,
        Optional.ofNullable(metadata.get(Provenance.METADATA_KEY)).flatMap(Provenance::parse),
        words(metadata, lora));
  }

  /** A merged checkpoint has the metadata of its base, so that only a LoRA's tags are its own. */
  private static CardFacts.Words words(Map<String, String> metadata, boolean lora) {
    return new CardFacts.Words(
        LoraTraining.triggerWords(metadata),
        lora ? LoraTraining.frequentTags(metadata) : List.of(),
        line(metadata, "modelspec.author"),
        line(metadata, "modelspec.license"),
        line(metadata, "modelspec.usage_hint"),
        line(metadata, "modelspec.merged_from"));
  }

  private static Optional<String> line(Map<String, String> metadata, String key) {
    return Optional.of(PrintableText.line(metadata.getOrDefault(key, "")))
        .filter(text -> !text.isEmpty() && !text.equals("None"));
  }
}
