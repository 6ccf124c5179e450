package athanor.hub;

import java.util.List;
import java.util.Optional;

/**
 * What a listing says about a file. It is a declaration of people, not a property of the bytes:
 * good enough for a first verdict when the header cannot be read yet.
 *
 * @param model name of the model
 * @param version name of the version
 * @param type what kind of file: {@code LORA}, {@code Checkpoint}, … in the service's words
 * @param baseModel what it is made for: {@code SD 1.5}, {@code SDXL 1.0}, or a repository
 * @param triggerWords words that call a LoRA's style
 * @param precision {@code fp16}, {@code fp32}, …
 * @param license identifier, if given
 * @param creator the user or organisation that published it
 */
public record Declared(
    Optional<String> model,
    Optional<String> version,
    Optional<String> type,
    Optional<String> baseModel,
    List<String> triggerWords,
    Optional<String> precision,
    Optional<String> license,
    Optional<String> creator) {
  /** Nothing was declared. */
  static final Declared NOTHING =
      new Declared(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  /** Copies the list. */
  public Declared {
    triggerWords = List.copyOf(triggerWords);
  }
}
