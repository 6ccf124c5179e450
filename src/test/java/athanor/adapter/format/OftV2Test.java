package athanor.adapter.format;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.adapter.AdapterFormatContract;
import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.Golden;
import athanor.testkit.TensorFile;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The golden vectors for OFTv2, computed in float64 with PEFT. */
class OftV2Test extends AdapterFormatContract {
  private static final String PEFT = "base_model.model.module";
  private static final Shape CONV = Shape.of(6, 4, 3, 3);

  private final AdapterFormat format =
      AdapterFormats.ALL.stream().filter(OftV2.class::isInstance).findFirst().orElseThrow();

  @Override
  protected AdapterFormat format() {
    return format;
  }

  private static TensorFile triangles(String module, int blocks, int values) {
    return new TensorFile()
        .put(
            module + ".oft_R.weight",
            DType.F32,
            Shape.of(blocks, values),
            g(5, 2, blocks * values));
  }

  private static TensorFile exact(TensorFile file) {
    return file.metadata("lora_adapter_metadata", "{\"use_cayley_neumann\": false}");
  }

  private static TensorFile scaled(DType dtype, byte... flag) {
    return triangles(MODULE, 2, 1)
        .put(new TensorInfo(MODULE + ".oft_R.scaled_oft", dtype, Shape.of()), flag);
  }

  /** The flag is there, and false. */
  @Override
  protected TensorFile module() {
    return scaled(DType.BOOL, (byte) 0);
  }

  @Override
  protected Shape shape() {
    return Shape.of(6, 4);
  }

  @Override
  protected Expected expected() {
    return new Expected(-0.18108368, 8.69970322, -0.16197205, -0.46661377, -0.07757664);
  }

  @Override
  protected List<Part> required() {
    return List.of(OftV2.TRIANGLES);
  }

  @Test
  void theExactTransformTurnsTheOtherWay() {
    Golden.assertSums(
        merged(exact(triangles(PEFT, 2, 1)), shape(), 1),
        -0.34408147,
        -4.15454933,
        -0.49400685,
        0.09931507,
        -0.04644942);
    Golden.assertSums(
        merged(exact(triangles(PEFT, 1, 6)), shape(), 1),
        0.25566135,
        15.514927,
        -0.5008222,
        0.10912398,
        0.06137157);
  }

  @Test
  void oneBlockMayCoverAllInputs() {
    Golden.assertSums(
        merged(triangles(PEFT, 1, 6), shape(), 1),
        -0.76510906,
        -9.31614685,
        -0.13072109,
        -0.25812912,
        -0.32227421);
  }

  @Test
  void oneBlockMayServeForAll() {
    Golden.assertSums(
        merged(triangles(PEFT, 1, 1), shape(), 1),
        0.46577454,
        21.08825684,
        -0.16197205,
        -0.46661377,
        -0.12672424);
  }

  @Test
  void kernelsAreTurnedOneWayByPeftAndTheOtherByOneTrainer() {
    Golden.assertSums(
        merged(triangles(PEFT, 6, 15), CONV, 1),
        -1.64081383,
        191.78158283,
        -0.17024136,
        0.21569347,
        0.28216934);
    for (TensorFile file :
        List.of(
            triangles(MODULE, 6, 15),
            triangles("unet.module", 6, 15).metadata("ot_branch", "master"))) {
      Golden.assertSums(
          merged(file, CONV, 1), -0.61780357, -253.96676922, -0.03407192, -0.27692127, 0.18268204);
    }
  }

  @Test
  void scaledRotationsAreDividedFirst() {
    float[] divided = g(5, 2, 2);
    for (int i = 0; i < divided.length; i++) {
      divided[i] /= 2;
    }
    float[] expected =
        merged(
            new TensorFile().put(MODULE + ".oft_R.weight", DType.F32, Shape.of(2, 1), divided),
            shape(),
            1);
    assertThat(merged(scaled(DType.BOOL, (byte) 1), shape(), 1)).containsExactly(expected);
    float[] plain = merged(triangles(MODULE, 2, 1), shape(), 1);
    assertThat(merged(module(), shape(), 1)).containsExactly(plain);
    byte[] one = {1, 0, 0, 0, 0, 0, 0, 0};
    assertThat(merged(scaled(DType.I64, one), shape(), 1)).containsExactly(plain);
  }

  @Test
  void theSeriesMayBeShorter() {
    float[] result =
        merged(
            triangles(PEFT, 2, 1)
                .metadata("lora_adapter_metadata", "{\"num_cayley_neumann_terms\": 2}"),
            shape(),
            1);
    double q = g(5, 2, 2)[0];
    float[] before = g(3, 1, 24);
    assertThat((double) result[0])
        .isCloseTo(before[0] + 2 * q * before[1], org.assertj.core.api.Assertions.within(1e-6));
    assertThat((double) result[1])
        .isCloseTo(before[1] - 2 * q * before[0], org.assertj.core.api.Assertions.within(1e-6));
    assertRefused(
        triangles(PEFT, 2, 1)
            .metadata("lora_adapter_metadata", "{\"num_cayley_neumann_terms\": 1000000000}"),
        shape(),
        Kind.BAD_FILE,
        "an odd length");
  }

  @Test
  void constrainedRotationsAreRefusedByName() {
    assertRefused(
        triangles(PEFT, 2, 1).metadata("lora_adapter_metadata", "{\"coft\": true}"),
        shape(),
        Kind.INCOMPATIBLE,
        "coft");
  }

  @Test
  void blocksThatDoNotCoverTheInputsAreRefused() {
    assertRefused(module(), Shape.of(6, 5), Kind.INCOMPATIBLE, "does not fit");
    assertRefused(module(), Shape.of(6, 6), Kind.INCOMPATIBLE, "does not fit");
    assertRefused(triangles(PEFT, 1, 3), Shape.of(6, 4), Kind.INCOMPATIBLE, "does not fit");
  }

  @Test
  void rowsThatAreNoTrianglesAreBroken() {
    assertProblem(triangles(MODULE, 2, 2), "no triangles");
    assertProblem(triangles(MODULE, 2, 0), "no triangles");
    assertProblem(triangles(MODULE, 0, 6), "no triangles");
    assertProblem(
        new TensorFile().put(MODULE + ".oft_R.weight", DType.F32, Shape.of(6), g(5, 2, 6)),
        "no triangles");
  }

  @Test
  void valuesThatAreNotNumbersAreRefused() {
    TensorFile broken =
        new TensorFile().put(MODULE + ".oft_R.weight", DType.F32, Shape.of(2, 1), Float.NaN, 1f);
    assertRefused(broken, shape(), Kind.BAD_FILE, "NaN");
    TensorFile huge =
        new TensorFile().put(MODULE + ".oft_R.weight", DType.F32, Shape.of(2, 1), 1e30f, 1f);
    assertRefused(huge, shape(), Kind.BAD_FILE, "too large");
  }

  private void assertRefused(TensorFile file, Shape shape, Kind kind, String what) {
    assertThatThrownBy(() -> merged(file, shape, 1))
        .isInstanceOfSatisfying(
            AthanorException.class, e -> assertThat(e.problem().kind()).isEqualTo(kind))
        .hasMessageContaining(what);
  }

  private void assertProblem(TensorFile file, String what) {
    problemOf(
        file, problem -> assertThat(problem.map(Problem::what).orElse("none")).contains(what));
  }
}
