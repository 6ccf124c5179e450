package athanor.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import athanor.model.Component;
import athanor.model.block.BlockScheme;
import athanor.tensor.DType;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Each rule of thumb, just on this side of its threshold and just beyond. */
class AdviceTest {
  private static final List<String> NAMES = List.of("a", "b");

  /** One tensor that two LoRAs change, with these inner products and these spectra. */
  private static Measurement tensor(double aa, double ab, double bb, Spectrum... spectra) {
    return new Measurement(
        "w",
        Component.UNET,
        BlockScheme.named("unet").blocks().getFirst(),
        List.of(
            new Measurement.Part(0, 1, spectrum(0, spectra)),
            new Measurement.Part(1, 1, spectrum(1, spectra))),
        new double[][] {{aa, ab}, {ab, bb}},
        List.of());
  }

  private static Optional<Spectrum> spectrum(int part, Spectrum... spectra) {
    return part < spectra.length ? Optional.of(spectra[part]) : Optional.empty();
  }

  private static Analysis analysis(Measurement measured, double base) {
    return Analysis.of(List.of(0, 0), List.of(measured), List.of(base), Collections.emptyList());
  }

  private static List<String> advice(Measurement measured, double base) {
    return Advice.of(analysis(measured, base), NAMES);
  }

  @Test
  void whoIsMoreThanTwiceAsLoudAsTheOthersIsNamedWithWhatWouldBalance() {
    assertThat(advice(tensor(4, 0, 1.01), 0)).isEmpty();
    assertThat(advice(tensor(4.1, 0, 1), 0))
        .singleElement()
        .asString()
        .isEqualTo("a is 2.0 times as loud as the others; 0.79 times its ratio would balance them");
    Analysis analysis = analysis(tensor(4.1, 0, 1), 0);
    double one = analysis.loras().get(0).balanced();
    double other = analysis.loras().get(1).balanced();
    assertThat(one * one * 4.1).isCloseTo(other * other, within(1e-12));
    assertThat(one * one * 4.1 + other * other).isCloseTo(5.1, within(1e-12));
  }

  @Test
  void twoThatPointTheSameWayOrAgainstEachOtherAreNamed() {
    assertThat(advice(tensor(1, 0.29, 1), 0)).isEmpty();
    assertThat(advice(tensor(1, 0.31, 1), 0))
        .singleElement()
        .asString()
        .contains("do much the same");
    assertThat(advice(tensor(1, -0.09, 1), 0)).isEmpty();
    assertThat(advice(tensor(1, -0.11, 1), 0)).singleElement().asString().contains("fight");
  }

  @Test
  void aTotalPushIsCalledStrongAndThenRisky() {
    assertThat(advice(tensor(0.5, 0, 0.49), 100)).isEmpty();
    assertThat(advice(tensor(0.5, 0, 0.51), 100)).singleElement().asString().contains("overdone");
    assertThat(advice(tensor(2.1, 0, 2.1), 100)).singleElement().asString().contains("break");
  }

  @Test
  void aRankThatIsEnoughIsNamedIfItIsHalfOrLess() {
    var wasteful = new Spectrum(new double[] {1, 0.5, 0, 0});
    assertThat(advice(tensor(1.5, 0, 1, wasteful), 0))
        .singleElement()
        .asString()
        .startsWith("a: rank 2 keeps 100.0 % of what it does at rank 4");
    var even = new Spectrum(new double[] {1, 1, 1, 1});
    assertThat(even.effectiveRank()).isCloseTo(4, within(1e-12));
    assertThat(advice(tensor(4, 0, 4, even), 0)).isEmpty();
  }

  @Test
  void oneDirectionThatCarriesNearlyEverythingIsCalledOvertrained() {
    var spike = new Spectrum(new double[] {9.5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05});
    assertThat(advice(tensor(10, 0, 10, spike), 0))
        .anyMatch(
            sentence -> sentence.startsWith("a: one direction carries nearly all of 1 tensors"));
  }

  @Test
  void whatChangesNothingAndWhatIsNotMeasuredIsSaid() {
    Analysis analysis =
        Analysis.of(List.of(0, 3), List.of(tensor(0, 0, 1)), List.of(0.0), Collections.emptyList());
    assertThat(Advice.of(analysis, NAMES))
        .containsExactly(
            "a: 1 of its 1 tensors change nothing, as their factors are all zero",
            "b: 3 modules depend on the weight they change and are in none of these figures");
  }

  @Test
  void aFormatThatDrownsAChangeIsNamed() {
    var drowned = new RoundingSample.Sums(100, 98, 1, 0.1);
    var fine = new RoundingSample.Sums(100, 2, 1, 0.99);
    Analysis analysis =
        Analysis.of(
            List.of(0, 0),
            List.of(tensor(1, 0, 1)),
            List.of(1e6),
            List.of(List.of(Map.of(DType.F8_E4M3, drowned, DType.BF16, fine), Map.of())));
    assertThat(Advice.of(analysis, NAMES))
        .containsExactly(
            "a: stored as f8_e4m3, only 10 % of its change survives, and 98 % of the weights stay as"
                + " they were");
  }
}
