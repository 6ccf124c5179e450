package athanor.delta;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DenseDeltaTest extends DeltaContract {
  @Override
  protected TensorFile tensors() {
    return new TensorFile().put("diff", DType.F32, Shape.of(6, 4), g(3, 1, 24));
  }

  @Override
  protected Delta delta(StateDict source) {
    return DenseDelta.of(source, source.find("diff").orElseThrow(), 2);
  }

  @Override
  protected Expected expected() {
    return new Expected(2 * -0.1875, 2 * 4.5, 2 * -0.4375, 2 * -0.25, 2 * -0.0625);
  }

  @Test
  void aVectorIsOneColumnWhateverItsShape(@TempDir Path folder) {
    Path file =
        new TensorFile()
            .put("b", DType.F32, Shape.of(1, 5), g(3, 1, 5))
            .write(folder.resolve("b.safetensors"));
    try (StateDict source = SafetensorsFile.open(file)) {
      DenseDelta bias = DenseDelta.ofVector(source, source.find("b").orElseThrow(), 1);
      assertThat(bias.outputs()).isEqualTo(5);
      assertThat(bias.inputs()).isEqualTo(1);
    }
  }

  @Test
  void valuesThatAreNotFiniteAreRefused(@TempDir Path folder) {
    Path file =
        new TensorFile()
            .put("diff", DType.F32, Shape.of(2), 1f, Float.NaN)
            .write(folder.resolve("nan.safetensors"));
    try (StateDict source = SafetensorsFile.open(file)) {
      DenseDelta delta = DenseDelta.of(source, source.find("diff").orElseThrow(), 1);
      assertThatThrownBy(() -> delta.load(Arithmetic.float32(KERNELS)))
          .isInstanceOf(AthanorException.class)
          .hasMessageContaining("NaN or infinite");
    }
  }
}
