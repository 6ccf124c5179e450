package athanor.report;

import athanor.analysis.Area;
import athanor.analysis.Energies;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What LoRAs do to a part of a model.
 *
 * @param area such as {@code UNet} or {@code IN04}
 * @param push Frobenius norm of the sum of what they add, at their ratios
 * @param relativePush that norm relative to the norm of the weights that any of them changes
 * @param norms of what each adds, in their order
 */
public record AnalyzedArea(
    String area, double push, Optional<Double> relativePush, List<Double> norms) {

  static AnalyzedArea of(Area area, Energies energies) {
    return of(area.toString(), energies);
  }

  static AnalyzedArea of(String name, Energies energies) {
    return new AnalyzedArea(
        name,
        energies.push(),
        known(energies.relativePush()),
        IntStream.range(0, energies.products().length).mapToObj(energies::norm).toList());
  }

  static Optional<Double> known(double value) {
    return Double.isNaN(value) ? Optional.empty() : Optional.of(value);
  }
}
