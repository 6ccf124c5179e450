package athanor.model;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The architecture that a listing declares: Civitai's names of base models, and the repositories
 * that Hugging Face cards name as base.
 */
public final class DeclaredArchitecture {
  private DeclaredArchitecture() {}

  private record Named(String part, Architecture architecture) {}

  /**
   * The architecture that a name means. A part of the name decides; one that is itself a part of
   * another is passed over, so that {@code sdxl-refiner} is not taken for {@code sdxl}. Of several,
   * the first in the order of {@link Architectures#all} counts.
   *
   * @param baseModel the name; letter case does not matter
   */
  public static Optional<Architecture> of(String baseModel) {
    String base = baseModel.toLowerCase(Locale.ROOT);
    List<Named> found =
        Architectures.all().stream()
            .flatMap(one -> one.facts().declared().stream().map(part -> new Named(part, one)))
            .filter(named -> base.contains(named.part))
            .toList();
    return found.stream()
        .filter(named -> found.stream().noneMatch(other -> isPart(named.part, other.part)))
        .findFirst()
        .map(Named::architecture);
  }

  private static boolean isPart(String part, String whole) {
    return whole.length() > part.length() && whole.contains(part);
  }
}
