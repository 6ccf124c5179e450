package athanor.model.naming;

import athanor.model.table.Section;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the names of one component begin with: a section of the table {@code components.txt}, the
 * one place for prefixes and wrappers.
 */
public final class ComponentNames {
  private static final Map<String, ComponentNames> ALL =
      Section.read(ComponentNames.class, "components.txt").stream()
          .map(ComponentNames::new)
          .collect(Collectors.toUnmodifiableMap(ComponentNames::name, Function.identity()));

  private final Section section;
  private final List<String> prefixes;

  private ComponentNames(Section section) {
    this.section = section;
    this.prefixes =
        section.words("checkpoint").stream().filter(prefix -> !prefix.isEmpty()).toList();
  }

  /**
   * The component of this name in the table, such as {@code unet} or {@code only-clip-l}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static ComponentNames of(String name) {
    ComponentNames found = ALL.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no component " + name);
    }
    return found;
  }

  /** What programs put before or after what stands before a dotted name. */
  public static List<String> wrappers() {
    return of("any").section.words("wrapper");
  }

  /** What programs leave anywhere in dotted keys and names, such as {@code module.}. */
  static List<String> inserted() {
    return of("any").section.words("inserted");
  }

  /** The same behind the prefix of a name whose dots are underscores. */
  static List<String> flatInserted() {
    return of("any").section.words("flat-inserted");
  }

  /** What can stand before all keys of a checkpoint that was saved as a part of something. */
  static List<String> outer() {
    return of("any").section.words("outer");
  }

  /** Everything that can stand before the name of a denoiser's module, the longest first. */
  static List<String> beforeDenoisers() {
    return Stream.of("unet", "transformer", "prior")
        .map(ComponentNames::of)
        .flatMap(names -> Stream.of(names.flat(), names.dotted(), wrappers(), flatInserted()))
        .flatMap(List::stream)
        .filter(prefix -> !prefix.isEmpty())
        .distinct()
        .sorted((one, other) -> Integer.compare(other.length(), one.length()))
        .toList();
  }

  /** Its name in the table. */
  public String name() {
    return section.name();
  }

  /** What its keys begin with in checkpoints, the usual one first. */
  public List<String> checkpoint() {
    return section.words("checkpoint");
  }

  /** As {@link #checkpoint}, without the empty one. */
  public List<String> checkpointPrefixes() {
    return prefixes;
  }

  /** Whether a key of a checkpoint begins with one of {@link #checkpointPrefixes}. */
  public boolean ownsKey(String key) {
    for (String prefix : prefixes) {
      if (key.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }

  /** What names of a UNet's parameters begin with in the model that this is an average of. */
  public String averaged() {
    return section.text("averaged");
  }

  /** The prefix that kohya's trainers write. */
  public String kohya() {
    return section.text("kohya");
  }

  /** The prefix that diffusers writes. */
  public String diffusers() {
    return section.text("diffusers");
  }

  /** The prefix of ComfyUI before the keys of this component; empty if it is not known. */
  public Optional<String> comfy() {
    return section.find("comfy");
  }

  /** The prefix of OneTrainer before flattened names; empty if it is not known. */
  public Optional<String> oneTrainer() {
    return section.find("onetrainer");
  }

  /** Prefixes accepted before flattened names. */
  public List<String> flat() {
    return section.words("flat");
  }

  /** Prefixes accepted before dotted names. */
  public List<String> dotted() {
    return section.words("dotted");
  }
}
