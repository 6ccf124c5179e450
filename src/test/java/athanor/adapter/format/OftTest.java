package athanor.adapter.format;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import athanor.adapter.AdapterFormatContract;
import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Golden;
import athanor.testkit.TensorFile;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The golden vectors for diag-OFT, computed in float64 with LyCORIS. */
class OftTest extends AdapterFormatContract {
  private static final Shape CONV = Shape.of(6, 4, 3, 3);

  private final AdapterFormat format =
      AdapterFormats.ALL.stream().filter(f -> f.label().equals("OFT")).findFirst().orElseThrow();

  @Override
  protected AdapterFormat format() {
    return format;
  }

  private static TensorFile blocks(String module) {
    return new TensorFile().put(module + ".oft_blocks", DType.F32, Shape.of(3, 2, 2), g(5, 2, 12));
  }

  private static TensorFile withAlpha(TensorFile file, String module, float alpha) {
    return file.put(module + ".alpha", DType.F32, Shape.of(), alpha);
  }

  private static float[] plusOne(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] += 1;
    }
    return values;
  }

  @Override
  protected TensorFile module() {
    return blocks(MODULE).put(MODULE + ".rescale", DType.F32, Shape.of(6, 1), plusOne(g(7, 3, 6)));
  }

  @Override
  protected Shape shape() {
    return Shape.of(6, 4);
  }

  @Override
  protected Expected expected() {
    return new Expected(-0.7330883, -17.44503781, -0.12493049, 0.05443728, -0.1821202);
  }

  @Override
  protected List<Part> required() {
    return List.of(Oft.BLOCKS);
  }

  @Test
  void rotatesWithoutFactors() {
    float[] full = merged(blocks(MODULE), shape(), 1);
    Golden.assertSums(full, -0.73819395, -14.95274021, -0.18171708, 0.07918149, -0.26490214);
  }

  /** LyCORIS turns part of the way, s·R + (1 − s)·I. */
  @Test
  void halfStrengthIsTheRotationHalfOfTheWay() {
    float[] half = merged(blocks(MODULE), shape(), 0.5);
    Golden.assertSums(half, -0.46284698, -5.22637011, -0.30960854, -0.08540925, -0.16370107);
  }

  @Test
  void alphaTimesOutputsIsTheLargestNormOfAllBlocks() {
    TensorFile file = withAlpha(blocks(MODULE), MODULE, 0.05f);
    Golden.assertSums(
        merged(file, shape(), 1), -0.40400872, -1.72176925, -0.38513521, -0.17140532, -0.11856324);
    Golden.assertSums(
        merged(file, shape(), 0.5), -0.29575436, 1.38911538, -0.41131761, -0.21070266, -0.09053162);
    TensorFile wide = withAlpha(blocks(MODULE), MODULE, 1);
    assertThat(merged(wide, shape(), 1)).containsExactly(merged(blocks(MODULE), shape(), 1));
  }

  @Test
  void alphaNoughtMeansNoConstraintOrForKohyaNoRotation() {
    TensorFile lycoris = withAlpha(blocks(MODULE), MODULE, 0);
    assertThat(merged(lycoris, shape(), 1)).containsExactly(merged(blocks(MODULE), shape(), 1));
    String kohya = "oft_unet_module";
    float[] still = merged(withAlpha(blocks(kohya), kohya, 0), shape(), 1);
    float[] before = g(3, 1, 24);
    for (int i = 0; i < still.length; i++) {
      assertThat((double) still[i]).isCloseTo(before[i], within(1e-6));
    }
    assertThat(merged(blocks(kohya), shape(), 1)).containsExactly(merged(lycoris, shape(), 1));
  }

  @Test
  void rotatesTheOutputsOfAConvolution() {
    Golden.assertSums(
        merged(blocks(MODULE), CONV, 1),
        -0.34664591,
        -11.01004448,
        -0.39524021,
        -0.13434164,
        0.12655694);
    Golden.assertSums(
        merged(blocks(MODULE), CONV, 0.5),
        -0.32957295,
        0.77622776,
        -0.41637011,
        -0.1921708,
        0.03202847);
  }

  @Test
  void blocksThatAreNotSquareAreBroken() {
    assertProblem(
        new TensorFile().put(MODULE + ".oft_blocks", DType.F32, Shape.of(3, 2, 4), g(5, 2, 24)),
        "not square");
    assertProblem(
        new TensorFile().put(MODULE + ".oft_blocks", DType.F32, Shape.of(4, 4), g(5, 2, 16)),
        "not square");
  }

  @Test
  void blocksWithoutValuesAreBroken() {
    assertProblem(
        new TensorFile().put(MODULE + ".oft_blocks", DType.F32, Shape.of(3, 0, 0)), "no values");
    assertProblem(
        new TensorFile().put(MODULE + ".oft_blocks", DType.F32, Shape.of(0, 2, 2)), "no values");
  }

  @Test
  void factorsForAnotherNumberOfOutputsAreBroken() {
    assertProblem(
        module().put(MODULE + ".rescale", DType.F32, Shape.of(5, 1), g(7, 3, 5)),
        "another number of outputs");
  }

  @Test
  void valuesThatAreNotNumbersAreRefused() {
    float[] broken = g(5, 2, 12);
    broken[7] = Float.NaN;
    assertBadFile(
        new TensorFile().put(MODULE + ".oft_blocks", DType.F32, Shape.of(3, 2, 2), broken), "NaN");
    broken = plusOne(g(7, 3, 6));
    broken[5] = Float.POSITIVE_INFINITY;
    assertBadFile(
        blocks(MODULE).put(MODULE + ".rescale", DType.F32, Shape.of(6, 1), broken), "infinite");
    assertBadFile(withAlpha(blocks(MODULE), MODULE, Float.NaN), "alpha is not a finite number");
  }

  /** I − Q can always be inverted; only its digits run out. */
  @Test
  void hugeValuesStillRotateOrAreRefused() {
    float[] huge = g(5, 2, 12);
    for (int i = 0; i < huge.length; i++) {
      huge[i] *= 1e6f;
    }
    float[] turned =
        merged(
            new TensorFile().put(MODULE + ".oft_blocks", DType.F32, Shape.of(3, 2, 2), huge),
            shape(),
            1);
    double before = 0;
    double after = 0;
    for (int i = 0; i < turned.length; i++) {
      before += Math.pow(g(3, 1, 24)[i], 2);
      after += Math.pow(turned[i], 2);
    }
    assertThat(after).isCloseTo(before, within(1e-5));

    float[] endless = new float[9];
    endless[1] = 3e38f;
    endless[2] = -2e38f;
    endless[5] = 1e38f;
    TensorFile file =
        new TensorFile()
            .put(MODULE + ".oft_blocks", DType.F32, Shape.of(1, 3, 3), endless)
            .put(MODULE + ".alpha", DType.F32, Shape.of(), 0f);
    assertThatThrownBy(() -> merged(file, Shape.of(3, 4), 1))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("too large");
  }

  private void assertBadFile(TensorFile file, String what) {
    assertThatThrownBy(() -> merged(file, shape(), 1))
        .isInstanceOfSatisfying(
            AthanorException.class, e -> assertThat(e.problem().kind()).isEqualTo(Kind.BAD_FILE))
        .hasMessageContaining(what);
  }

  private void assertProblem(TensorFile file, String what) {
    problemOf(
        file, problem -> assertThat(problem.map(Problem::what).orElse("none")).contains(what));
  }
}
