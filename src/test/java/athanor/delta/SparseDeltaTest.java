package athanor.delta;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.testkit.TensorFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparseDeltaTest extends DeltaContract {
  @TempDir private Path files;

  private static TensorFile sparse(int... places) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * places.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int place : places) {
      bytes.putShort((short) place);
    }
    int count = places.length / 2;
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (i + 1) / 4f;
    }
    return new TensorFile()
        .put(new TensorInfo("places", DType.I16, Shape.of(2, count)), bytes.array())
        .put("values", DType.F32, Shape.of(count), values);
  }

  /** 0.25 at row 5, column 0; 0.5 at 0, 2; 0.75 at 0, 0, and 1 more there. */
  @Override
  protected TensorFile tensors() {
    return sparse(5, 0, 0, 0, 0, 2, 0, 0);
  }

  @Override
  protected Delta delta(StateDict source) {
    return new SparseDelta(
        source,
        source.find("places").orElseThrow(),
        source.find("values").orElseThrow(),
        6,
        4,
        0.5);
  }

  @Override
  protected Expected expected() {
    return new Expected(1.25, 0.875 + 0.25 * 3 + 0.125 * 21, 0.875, 0, 0.25);
  }

  @Test
  void placesOutsideAreRefused() {
    assertOutside(sparse(6, 0));
    assertOutside(sparse(0, 4));
    assertOutside(sparse(-1, 0));
    assertOutside(sparse(0, 40_000));
  }

  private void assertOutside(TensorFile tensors) {
    try (StateDict source = SafetensorsFile.open(tensors.write(files.resolve("outside.st")))) {
      assertThatThrownBy(() -> delta(source).load(Arithmetic.float32(KERNELS)))
          .isInstanceOf(AthanorException.class)
          .hasMessageContaining("outside of its matrix");
    }
  }
}
