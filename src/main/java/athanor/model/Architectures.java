package athanor.model;

import athanor.model.known.TransformerFamily;
import athanor.model.sd.UnetFamily;
import athanor.model.transformer.TransformerLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** All architectures: the list that a new family's room is put into. */
public final class Architectures {
  private static final List<ArchitectureFamily> FAMILIES =
      List.of(UnetFamily.create(), TransformerFamily.of(TransformerLayout::of));

  private static final List<Architecture> ALL =
      FAMILIES.stream().flatMap(family -> family.architectures().stream()).toList();
  private static final Map<String, Architecture> BY_ID =
      ALL.stream().collect(Collectors.toUnmodifiableMap(Architecture::id, Function.identity()));

  private Architectures() {}

  /** Every architecture, those that can be merged first. */
  public static List<Architecture> all() {
    return ALL;
  }

  /** The architecture with this {@link Architecture#id}. */
  public static Optional<Architecture> byId(String id) {
    return Optional.ofNullable(BY_ID.get(id));
  }

  /** The architecture that kohya's scripts call by this option, such as {@code --v2}. */
  public static Optional<Architecture> claimedBy(String flag) {
    return ALL.stream().filter(one -> one.isClaimedBy(flag)).findFirst();
  }

  /** The best known of what can be merged, for messages: {@code SD 1.x, SD 2.x or SDXL}. */
  public static String mergeable() {
    return listed(one -> true, "or");
  }

  /**
   * Some of what can be merged, for messages: {@code SD 1.x, SD 2.x and SDXL}. Variants of those
   * named are left out.
   *
   * @param which the ones to name
   * @param conjunction before the last one
   */
  public static String listed(Predicate<Architecture> which, String conjunction) {
    List<String> labels = listed().stream().filter(which).map(Architecture::label).toList();
    return labels.size() == 1
        ? labels.getFirst()
        : String.join(", ", labels.subList(0, labels.size() - 1))
            + " "
            + conjunction
            + " "
            + labels.getLast();
  }

  /** How large such checkpoints are: {@code about 2 GB (SD 1.x) to 7 GB (SDXL)}. */
  public static String usualSizes() {
    List<Architecture> listed = listed();
    return "about " + size(listed.getFirst()) + " to " + size(listed.getLast());
  }

  private static String size(Architecture one) {
    return one.facts().listedSize().orElseThrow() + " (" + one.label() + ")";
  }

  private static List<Architecture> listed() {
    return ALL.stream().filter(one -> one.facts().listedSize().isPresent()).toList();
  }

  static List<ArchitectureFamily> families() {
    return FAMILIES;
  }
}
