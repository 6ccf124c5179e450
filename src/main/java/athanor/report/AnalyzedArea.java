package athanor.report;

import athanor.analysis.Area;
import athanor.analysis.Energies;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What LoRAs do to a part of a model.
 *
 * @param area such as {@code UNet} or {@code IN04}
 * @param push Frobenius norm of the sum of what they add, at their ratios
 * @param relativePush that norm relative to the norm of the weights that any of them changes
 * @param norms of what each adds, in their order
 * @param textEncoder whether it is a part of a text encoder, where ratios of text encoders count
 * @param weights Frobenius norm of the weights that any of them changes
 * @param products inner products of what each two of them add, at their ratios, a list for each;
 *     the push at ratios that are r times as large is the root of rᵀ · products · r
 */
public record AnalyzedArea(
    String area,
    double push,
    Optional<Double> relativePush,
    List<Double> norms,
    boolean textEncoder,
    Optional<Double> weights,
    List<List<Double>> products) {

  static AnalyzedArea of(Area area, Energies energies) {
    return of(area.toString(), area.component().isTextEncoder(), energies);
  }

  /** Everything together. */
  static AnalyzedArea whole(Energies energies) {
    return of("all", false, energies);
  }

  private static AnalyzedArea of(String name, boolean textEncoder, Energies energies) {
    return new AnalyzedArea(
        name,
        energies.push(),
        known(energies.relativePush()),
        IntStream.range(0, energies.products().length).mapToObj(energies::norm).toList(),
        textEncoder,
        energies.base() > 0 ? Optional.of(Math.sqrt(energies.base())) : Optional.empty(),
        Stream.of(energies.products()).map(row -> DoubleStream.of(row).boxed().toList()).toList());
  }

  static Optional<Double> known(double value) {
    return Double.isNaN(value) ? Optional.empty() : Optional.of(value);
  }
}
