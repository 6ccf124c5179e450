package athanor.adapter.format;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterFormatContract;
import athanor.adapter.AdapterTraits;
import athanor.error.Problem;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.Golden;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The golden vectors for LoKr, computed in float64 with LyCORIS and PEFT. */
class LokrTest extends AdapterFormatContract {
  private static final Shape LINEAR = Shape.of(6, 4);
  private static final Shape CONV = Shape.of(6, 4, 3, 3);

  private final AdapterFormat format =
      AdapterFormats.ALL.stream().filter(Lokr.class::isInstance).findFirst().orElseThrow();

  @Override
  protected AdapterFormat format() {
    return format;
  }

  private static TensorFile put(TensorFile file, String part, int a, int b, long... dims) {
    Shape shape = Shape.of(dims);
    return file.put(
        MODULE + "." + part, DType.F32, shape, g(a, b, Math.toIntExact(shape.elementCount())));
  }

  private static TensorFile first() {
    return put(new TensorFile(), "lokr_w1", 5, 2, 2, 2);
  }

  private static TensorFile full() {
    return put(first(), "lokr_w2", 7, 3, 3, 2);
  }

  private static TensorFile tucker() {
    TensorFile file = put(first(), "lokr_t2", 11, 4, 2, 2, 3, 3);
    return put(put(file, "lokr_w2_a", 3, 5, 2, 3), "lokr_w2_b", 9, 6, 2, 2);
  }

  private static TensorFile withAlpha(TensorFile file, double alpha) {
    return file.put(MODULE + ".alpha", DType.F32, Shape.of(), (float) alpha);
  }

  @Override
  protected TensorFile module() {
    return withAlpha(put(put(first(), "lokr_w2_a", 3, 5, 3, 1), "lokr_w2_b", 9, 6, 1, 2), 0.5);
  }

  @Override
  protected Shape shape() {
    return LINEAR;
  }

  /** W of sum −0.1875, wsum 4.5, and ΔW. */
  @Override
  protected Expected expected() {
    return new Expected(
        -0.1875,
        4.5 - 0.1611328125,
        -0.4375 - 0.00439453125,
        -0.25 + 0.015380859375,
        -0.0625 - 0.000732421875);
  }

  @Override
  protected List<Part> required() {
    return List.of(Lokr.FIRST, Lokr.SECOND_LEFT, Lokr.SECOND_RIGHT);
  }

  private float[] delta(TensorFile file, Shape shape) {
    float[] delta = merged(file, shape, 1);
    float[] before = g(3, 1, delta.length);
    for (int i = 0; i < delta.length; i++) {
      delta[i] -= before[i];
    }
    return delta;
  }

  private static void assertSums(float[] delta, double sum, double weighted) {
    assertThat(Golden.sum(delta)).isCloseTo(sum, within(1e-5));
    assertThat(Golden.weightedSum(delta)).isCloseTo(weighted, within(1e-3));
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 0, 1e10, 1e30, Double.POSITIVE_INFINITY, Double.NaN})
  void alphaMeansNothingWhereBothSidesAreWhole(double alpha) {
    assertSums(delta(withAlpha(full(), alpha), LINEAR), 0.4296875, 3.99609375);
  }

  @Test
  void bothSidesWholeNeedNoAlphaAndTakeAScale() {
    assertSums(delta(full(), LINEAR), 0.4296875, 3.99609375);
    TensorFile scaled = full().put(MODULE + ".scale", DType.F32, Shape.of(), 0.5f);
    assertSums(delta(scaled, LINEAR), 0.4296875 / 2, 3.99609375 / 2);
  }

  @Test
  void anAlphaThatCountsMustBeFinite() {
    TensorFile infinite = withAlpha(module(), Double.POSITIVE_INFINITY);
    assertThatThrownBy(() -> merged(infinite, LINEAR, 1))
        .hasMessageContaining("alpha is not a finite number");
  }

  @Test
  void tuckerCoresGiveTheGoldenDelta() {
    assertSums(delta(withAlpha(tucker(), 2), CONV), 0.05757141, 10.48873901);
  }

  /** In Tucker's form {@code _a} is {@code [rank, out]}, so its columns are no rank. */
  @Test
  void theRankIsTheFirstDimensionOfTheRightFactor() {
    float[] whole = delta(withAlpha(tucker(), 2), CONV);
    float[] half = delta(withAlpha(tucker(), 1), CONV);
    for (int i = 0; i < whole.length; i++) {
      assertThat((double) half[i]).isCloseTo(whole[i] / 2, within(1e-6));
    }
  }

  @Test
  void aRightFactorOfFourDimensionsMeansTheSameAsAFlatOne() {
    TensorFile flat = put(put(first(), "lokr_w2_a", 3, 5, 3, 1), "lokr_w2_b", 9, 6, 1, 18);
    TensorFile spatial =
        put(put(first(), "lokr_w2_a", 3, 5, 3, 1, 1, 1), "lokr_w2_b", 9, 6, 1, 2, 3, 3);
    assertSums(delta(flat, CONV), 0, 1.16015625);
    assertThat(delta(spatial, CONV)).containsExactly(delta(flat, CONV));
  }

  @Test
  void aSecondSideOfFourDimensionsAndAFirstOneOfOnesIsAConvolution() {
    TensorFile flat = put(first(), "lokr_w2", 7, 3, 3, 18);
    TensorFile spatial =
        put(put(new TensorFile(), "lokr_w1", 5, 2, 2, 2, 1, 1), "lokr_w2", 7, 3, 3, 2, 3, 3);
    assertThat(delta(spatial, CONV)).containsExactly(delta(flat, CONV));
  }

  @Test
  void bothSidesMayBePairsOrOnlyTheFirst() {
    TensorFile both = put(put(new TensorFile(), "lokr_w1_a", 5, 2, 3, 1), "lokr_w1_b", 7, 3, 1, 4);
    put(put(both, "lokr_w2_a", 3, 5, 5, 2), "lokr_w2_b", 9, 6, 2, 6);
    assertSums(delta(withAlpha(both, 1), Shape.of(15, 24)), -0.0362548828125, 7.52618408203125);
    TensorFile onlyFirst =
        put(put(new TensorFile(), "lokr_w1_a", 5, 2, 2, 1), "lokr_w1_b", 7, 3, 1, 2);
    put(onlyFirst, "lokr_w2", 7, 3, 3, 2);
    float[] one = delta(onlyFirst, LINEAR);
    float[] quarter = delta(withAlpha(onlyFirst, 0.25), LINEAR);
    for (int i = 0; i < one.length; i++) {
      assertThat((double) quarter[i]).isCloseTo(one[i] / 4, within(1e-6));
    }
  }

  @Test
  void peftGivesTheGoldenDelta() {
    TensorFile file = put(first(), "lokr_w2_a", 7, 3, 3, 1);
    put(file, "lokr_w2_b", 3, 5, 1, 2)
        .metadata("lora_adapter_metadata", "{\"alpha\": 1, \"r\": 1}");
    assertSums(delta(file, LINEAR), -0.088623046875, -1.071533203125);
  }

  /** PEFT multiplies by alpha / r whether or not a factor has that rank. */
  @Test
  void peftsConfigurationScalesWholeSidesToo() {
    TensorFile file = full().metadata("lora_adapter_metadata", "{\"alpha\": 4, \"r\": 16}");
    assertSums(delta(file, LINEAR), 0.4296875 / 4, 3.99609375 / 4);
    file.metadata(
        "lora_adapter_metadata",
        "{\"alpha\": 4, \"r\": 16, \"rank_pattern\": {\"" + MODULE + "\": 8}}");
    assertSums(delta(file, LINEAR), 0.4296875 / 2, 3.99609375 / 2);
  }

  @Test
  void itsKindNamesTheFactor(@TempDir Path folder) {
    Path path = put(full(), "lokr_w1", 5, 2, 2, 4).write(folder.resolve("lokr.safetensors"));
    try (StateDict source = SafetensorsFile.open(path)) {
      assertThat(AdapterTraits.of(AdapterFile.of(source)).kind()).isEqualTo("LoKr, factor 4");
    }
  }

  @Test
  void aSideThatIsMissingOrStoredTwiceIsBroken() {
    assertProblem(first(), "a factor of the LoKr is missing");
    assertProblem(put(full(), "lokr_w1_a", 1, 1, 2, 1), "stored twice");
    assertProblem(put(full(), "lokr_w2_b", 1, 1, 1, 2), "stored twice");
    assertProblem(
        put(put(new TensorFile(), "lokr_w1_a", 5, 2, 2, 1), "lokr_w2", 7, 3, 3, 2), "missing");
  }

  @Test
  void coresOutOfPlaceAreBroken() {
    assertProblem(put(full(), "lokr_t1", 1, 1, 2, 2, 3, 3), "side that has no kernel");
    assertProblem(put(full(), "lokr_t2", 1, 1, 2, 2, 3, 3), "without the factors around it");
  }

  @Test
  void factorsThatDoNotMeetAreBroken() {
    String problem = "do not meet in one rank";
    assertProblem(put(module(), "lokr_w2_a", 1, 1, 3, 2), problem);
    assertProblem(put(put(first(), "lokr_w2_a", 1, 1, 3, 0), "lokr_w2_b", 1, 1, 0, 2), problem);
    assertProblem(put(put(first(), "lokr_w2_a", 1, 1, 3), "lokr_w2_b", 1, 1, 1, 2), problem);
    assertProblem(put(tucker(), "lokr_t2", 1, 1, 2, 3, 3, 3), problem);
    assertProblem(put(tucker(), "lokr_t2", 1, 1, 2, 2, 3), problem);
    assertProblem(put(tucker(), "lokr_w2_b", 1, 1, 2, 2, 3, 3), problem);
  }

  @Test
  void sidesThatAreNoMatricesAreBroken() {
    assertProblem(put(full(), "lokr_w1", 1, 1, 4), "no matrix of a usable size");
    assertProblem(put(full(), "lokr_w2", 1, 1, 0, 4), "no matrix of a usable size");
    assertProblem(put(full(), "lokr_w1", 1, 1, 2, 2, 3, 3), "has a kernel");
  }

  /** Factors of some kilobytes can stand for more than any machine holds. */
  @Test
  void productsBeyondAllBoundsAreBroken() {
    TensorFile pair = put(first(), "lokr_w2_a", 1, 1, 70_000, 1);
    assertProblem(put(pair, "lokr_w2_b", 1, 1, 1, 70_000), "larger than any real one");
    TensorFile sides = put(new TensorFile(), "lokr_w1", 1, 1, 70_000, 1);
    assertProblem(put(sides, "lokr_w2", 1, 1, 70_000, 1), "larger than any real one");
  }

  private void assertProblem(TensorFile file, String what) {
    problemOf(
        file,
        problem ->
            assertThat(problem.map(Problem::what).orElse("none").toLowerCase(Locale.ROOT))
                .contains(what.toLowerCase(Locale.ROOT)));
  }
}
