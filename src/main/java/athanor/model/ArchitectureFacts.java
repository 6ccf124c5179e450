package athanor.model;

import athanor.model.table.Section;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What is known of an architecture by name: a section of a table {@code architectures.txt}, headed
 * by the id. Only {@code label} is required; each method says which key it reads. Immutable.
 *
 * <p>The {@code modelspec} values are those of Stability AI's model specification, in the spelling
 * of kohya's sd-scripts ({@code library/sai_model_spec.py}).
 */
public final class ArchitectureFacts {
  private static final Set<String> KEYS =
      Set.of(
          "label",
          "listed",
          "table",
          "modules",
          "names-of",
          "vae",
          "vae-word",
          "vae-channels",
          "flag",
          "modelspec",
          "resolution",
          "noise-modelspec",
          "noise-resolution",
          "predicts",
          "implementation",
          "lora-implementation",
          "base-version",
          "v-base-version",
          "merged-base-version",
          "said-base",
          "said-modelspec",
          "said-v2",
          "declared",
          "edition",
          "task",
          "card-tag",
          "pipeline",
          "inpainting-pipeline",
          "repository");

  private final Section section;

  /**
   * The facts in a section.
   *
   * @throws IllegalStateException if there is no label, or a key that no method reads
   */
  public ArchitectureFacts(Section section) {
    this.section = section;
    section.text("label");
    for (String key : section.keys()) {
      if (!KEYS.contains(key)) {
        throw new IllegalStateException("[" + section.name() + "] has an unknown key: " + key);
      }
    }
  }

  /** A short name for options and JSON, such as {@code sdxl}: the section's name. */
  public String id() {
    return section.name();
  }

  /** What to call it in a sentence, such as {@code SD 1.x}: {@code label}. */
  public String label() {
    return section.text("label");
  }

  /**
   * The usual size of a checkpoint, such as {@code 7 GB}, where messages name this architecture
   * when they list what can be merged: {@code listed}. Empty where they do not.
   */
  public Optional<String> listedSize() {
    return section.find("listed");
  }

  /**
   * The table of its layouts, the name of a resource of the room for transformers: {@code table}.
   * Empty for one that is only recognised.
   */
  public Optional<String> table() {
    return section.find("table");
  }

  /** The group of architectures whose modules have the same names and shapes: {@code modules}. */
  public Optional<String> modules() {
    return section.find("modules");
  }

  /**
   * The id of another architecture whose names for modules this one keeps, so that only metadata
   * tells LoRAs of the two apart: {@code names-of}.
   */
  public Optional<String> namesOf() {
    return section.find("names-of");
  }

  /** The group of architectures that have the autoencoder in common: {@code vae}. */
  public Optional<String> vae() {
    return section.find("vae");
  }

  /** The latent channels of its autoencoder: {@code vae-channels}, else 4. */
  public int vaeChannels() {
    return number("vae-channels").orElse(4);
  }

  /** A word, lower case, in the names of files that hold its autoencoder: {@code vae-word}. */
  public Optional<String> vaeWord() {
    return section.find("vae-word");
  }

  /** The option of kohya's scripts that claims this architecture: {@code flag}. */
  public Optional<String> flag() {
    return section.find("flag");
  }

  /** {@code modelspec.architecture} of a checkpoint: {@code modelspec}. */
  public Optional<String> modelspec() {
    return section.find("modelspec");
  }

  /** Pixels of the usual side of an image: {@code resolution}. */
  public OptionalInt resolution() {
    return number("resolution");
  }

  /** Whether its models predict noise unless they say something else: {@code predicts noise}. */
  public boolean predictsNoise() {
    return section.find("predicts").filter("noise"::equals).isPresent();
  }

  /**
   * As {@link #modelspec} for models that predict noise, where the same keys and shapes hold models
   * that predict noise and models that predict v: {@code noise-modelspec}.
   */
  public Optional<String> noiseModelspec() {
    return section.find("noise-modelspec");
  }

  /** As {@link #resolution} for models that predict noise: {@code noise-resolution}. */
  public OptionalInt noiseResolution() {
    return number("noise-resolution");
  }

  /** {@code modelspec.implementation} of a checkpoint: {@code implementation}. */
  public Optional<String> implementation() {
    return section.find("implementation");
  }

  /** {@code modelspec.implementation} of a LoRA, where it differs: {@code lora-implementation}. */
  public Optional<String> loraImplementation() {
    return section.find("lora-implementation").or(this::implementation);
  }

  /**
   * What kohya's scripts write as {@code ss_base_model_version} into a LoRA that they extract:
   * {@code base-version}, and {@code v-base-version} where a model that predicts v has another.
   *
   * @param predictsV whether the model predicts v
   */
  public Optional<String> baseVersion(boolean predictsV) {
    Optional<String> usual = section.find("base-version");
    return predictsV ? section.find("v-base-version").or(() -> usual) : usual;
  }

  /** What they write into a LoRA that they merge: {@code merged-base-version}. */
  public Optional<String> mergedBaseVersion() {
    return section.find("merged-base-version");
  }

  /** Beginnings of {@code ss_base_model_version} in LoRAs for it: {@code said-base}. */
  public List<String> saidBase() {
    return section.all("said-base");
  }

  /** Beginnings of {@code modelspec.architecture} in LoRAs for it: {@code said-modelspec}. */
  public List<String> saidModelspec() {
    return section.all("said-modelspec");
  }

  /** {@code ss_v2} in LoRAs for it, where they say nothing else: {@code said-v2}. */
  public Optional<String> saidV2() {
    return section.find("said-v2");
  }

  /** Parts of what sites call it or its base repository, lower case: {@code declared}. */
  public List<String> declared() {
    return section.all("declared");
  }

  /** Models of it that only names tell apart, as {@link Editions} reads them: {@code edition}. */
  public List<String> editions() {
    return section.all("edition");
  }

  /** Hugging Face's name of what it does: {@code task}, else {@code text-to-image}. */
  public String task() {
    return section.find("task").orElse("text-to-image");
  }

  /** Hugging Face's tag for its models: {@code card-tag}. */
  public Optional<String> cardTag() {
    return section.find("card-tag");
  }

  /**
   * The class of diffusers that runs it: {@code pipeline}, or {@code inpainting-pipeline}.
   *
   * @param inpainting whether the model takes a mask
   */
  public Optional<String> pipeline(boolean inpainting) {
    Optional<String> usual = section.find("pipeline");
    return inpainting ? section.find("inpainting-pipeline").or(() -> usual) : usual;
  }

  /** A repository of a model that its LoRAs work with: {@code repository}. */
  public Optional<String> repository() {
    return section.find("repository");
  }

  private OptionalInt number(String key) {
    return section.find(key).stream().mapToInt(Integer::parseInt).findFirst();
  }

  @Override
  public String toString() {
    return id();
  }
}
