package athanor.job.inspect;

import athanor.adapter.AdapterFile;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.hub.Declared;
import athanor.job.input.RemoteInput;
import athanor.job.input.RemoteInputs;
import athanor.model.Recognition;
import athanor.recipe.Provenance;
import athanor.tensor.StateDict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an input is, so that somebody need not say whether it is the base or a LoRA.
 *
 * @param role where it goes in a merge
 * @param name its file name
 * @param what it is in a few words, such as {@code LoRA for SD 1.x}
 * @param bytes its size, if that is known
 * @param triggerWords words that call its style
 * @param hasRecipe whether it says how it was merged
 * @param unread why only its listing is known, if that is so
 */
public record SortedInput(
    Role role,
    String name,
    String what,
    OptionalLong bytes,
    List<String> triggerWords,
    boolean hasRecipe,
    Optional<Problem> unread) {
  private static final List<String> LORA_WORDS = List.of("lora", "locon", "lycoris", "dora");

  /** Where an input goes in a merge. */
  public enum Role {
    CHECKPOINT,
    LORA,
    /** Nowhere, or that cannot be said. */
    OTHER
  }

  /** Copies the list. */
  public SortedInput {
    triggerWords = List.copyOf(triggerWords);
  }

  /**
   * Looks at an input.
   *
   * @param argument a path or a link
   * @throws athanor.error.AthanorException of kind BAD_FILE if it is missing, damaged or no model;
   *     of kind USAGE or NETWORK if a link leads to no file
   */
  public static SortedInput of(RemoteInputs inputs, String argument) {
    Path place = inputs.locate(argument).getFirst();
    Optional<RemoteInput> remote = inputs.at(place);
    Optional<Problem> unread = remote.flatMap(RemoteInput::unreadable);
    return unread.isPresent()
        ? declared(remote.orElseThrow(), unread.get())
        : read(inputs, place, remote);
  }

  private static SortedInput declared(RemoteInput remote, Problem unread) {
    Declared listing = remote.file().declared();
    String type = listing.type().orElse("");
    String word = type.toLowerCase(Locale.ROOT);
    Role role =
        LORA_WORDS.stream().anyMatch(word::contains)
            ? Role.LORA
            : word.equals("checkpoint") ? Role.CHECKPOINT : Role.OTHER;
    String kind = role == Role.OTHER ? "a file that cannot be read yet" : type;
    return new SortedInput(
        role,
        remote.file().localName(),
        kind + listing.baseModel().map(base -> " for " + base).orElse("") + " (as declared)",
        remote.size(),
        listing.triggerWords(),
        false,
        Optional.of(unread));
  }

  private static SortedInput read(RemoteInputs inputs, Path place, Optional<RemoteInput> remote) {
    String what = Inspection.of(place, inputs).what();
    try (StateDict file = inputs.open(place, note -> {})) {
      List<String> words = new ArrayList<>(inputs.origin(place).triggerWords());
      LoraTraining.triggerWords(file.metadata()).stream()
          .filter(word -> words.stream().noneMatch(word::equalsIgnoreCase))
          .forEach(words::add);
      return new SortedInput(
          role(file),
          file.name(),
          what,
          remote.isPresent()
              ? remote.get().size()
              : OptionalLong.of(file.files().stream().mapToLong(InputFile::size).sum()),
          words,
          Optional.ofNullable(file.metadata().get(Provenance.METADATA_KEY))
              .flatMap(Provenance::parse)
              .isPresent(),
          Optional.empty());
    }
  }

  private static Role role(StateDict file) {
    if (AdapterFile.looksLikeAdapter(file.tensors())) {
      return Role.LORA;
    }
    return switch (Recognition.of(file.tensors())) {
      case Recognition.Checkpoint _, Recognition.Unsupported _, Recognition.Quantised _ ->
          Role.CHECKPOINT;
      case Recognition.NotACheckpoint other -> other.isLora() ? Role.LORA : Role.OTHER;
      case Recognition.Unknown _ -> Role.OTHER;
    };
  }
}
