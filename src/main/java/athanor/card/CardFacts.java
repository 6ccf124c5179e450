package athanor.card;

import athanor.model.Architecture;
import athanor.model.Trait;
import athanor.recipe.Provenance;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of a model file that gets a card. Its texts are as the file has them: the card
 * makes them inert.
 *
 * @param fileName without folders
 * @param bytes file size
 * @param lora whether it is a LoRA, else a checkpoint
 * @param architecture what it is, or is made for; empty if unknown
 * @param traits peculiarities of a checkpoint
 * @param types of its weights, such as {@code fp16}
 * @param hashes by which it is known
 * @param recipe how this program made it; empty if it did not, or the file does not say
 * @param words what its metadata says for people
 */
public record CardFacts(
    String fileName,
    long bytes,
    boolean lora,
    Optional<Architecture> architecture,
    Set<Trait> traits,
    String types,
    Hashes hashes,
    Optional<Provenance> recipe,
    Words words) {

  /**
   * Hashes of a file, lower-case hexadecimal.
   *
   * @param sha256 of the whole file, 64 digits
   * @param autoV3 Civitai's AutoV3 in full, 64 digits; of LoRAs
   */
  public record Hashes(String sha256, Optional<String> autoV3) {
    /** Civitai AutoV2 and A1111's short hash. */
    public String autoV2() {
      return sha256.substring(0, 10);
    }
  }

  /**
   * What the metadata of a file says for people.
   *
   * @param triggerWords words that call its style
   * @param frequentTags the most frequent tags of its training captions
   * @param author who made it
   * @param license its licence, in any words
   * @param usageHint how to use it
   * @param mergedFrom titles of what it was made of, by any program
   */
  public record Words(
      List<String> triggerWords,
      List<String> frequentTags,
      Optional<String> author,
      Optional<String> license,
      Optional<String> usageHint,
      Optional<String> mergedFrom) {

    /** Nothing is said. */
    public static final Words NONE =
        new Words(
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    /** Copies the lists. */
    public Words {
      triggerWords = List.copyOf(triggerWords);
      frequentTags = List.copyOf(frequentTags);
    }
  }

  /** Copies the set. */
  public CardFacts {
    traits = Set.copyOf(traits);
  }

  /** Whether it was made of others. */
  boolean isMerge() {
    return recipe.isPresent() || words.mergedFrom().isPresent();
  }

  /** The LoRAs that went into it, as far as known. */
  List<Provenance.Input> loras() {
    return recipe.map(Provenance::loras).orElse(List.of());
  }

  /** Base, further checkpoints, LoRAs and VAE, as far as known. */
  List<Provenance.Input> inputs() {
    return recipe.map(Provenance::inputs).orElse(List.of());
  }

  /** Words that call its style: those of its LoRAs, else its own. */
  List<String> triggerWords() {
    List<String> ofLoras =
        loras().stream().flatMap(lora -> lora.origin().triggerWords().stream()).distinct().toList();
    return ofLoras.isEmpty() ? words.triggerWords() : ofLoras;
  }

  /** Such as {@code SDXL LoRA}. */
  String kind() {
    String what = lora ? "LoRA" : "checkpoint";
    return architecture.map(known -> known.label() + " " + what).orElse(what);
  }

  /** The file name without its extension. */
  String title() {
    int dot = fileName.lastIndexOf('.');
    return dot > 0 ? fileName.substring(0, dot) : fileName;
  }
}
