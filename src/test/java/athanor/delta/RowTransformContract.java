package athanor.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.kernel.Kernels;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.Golden;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link RowTransform} keeps to. A new one extends this with a file of its tensors. */
abstract class RowTransformContract {
  private static final Arithmetic FULL = Arithmetic.float32(Kernels.create());
  private static final float GARBAGE = 12345;

  @TempDir private Path folder;

  /** A file with the tensors of the transform, {@code x} among them. */
  protected abstract TensorFile tensors();

  /** The transform that they make. */
  protected abstract RowTransform transform(StateDict source);

  /** Of the weight. */
  protected abstract Shape shape();

  private interface Use {
    void of(RowTransform transform);
  }

  private void opened(TensorFile file, Use use) {
    Path path = file.write(folder.resolve("transform.safetensors"));
    try (StateDict source = SafetensorsFile.open(path)) {
      use.of(transform(source));
    }
  }

  private float[] transformed(RowTransform transform, int height) {
    int rows = Math.toIntExact(shape().rows());
    int width = Math.toIntExact(shape().columns());
    float[] weight = Golden.g(3, 1, rows * width);
    LoadedTransform loaded = transform.load(shape(), FULL);
    if (transform.firstPass() != RowTransform.FirstPass.NONE) {
      for (int from = 0; from < rows; from += height) {
        int to = Math.min(rows, from + height);
        loaded.look(from, to, Arrays.copyOfRange(weight, from * width, to * width));
      }
    }
    for (int from = 0; from < rows; from += height) {
      int to = Math.min(rows, from + height);
      float[] piece = Arrays.copyOfRange(weight, from * width, to * width + 2);
      Arrays.fill(piece, (to - from) * width, piece.length, GARBAGE);
      loaded.apply(from, to, piece);
      assertThat(piece[piece.length - 1]).as("after the rows").isEqualTo(GARBAGE);
      System.arraycopy(piece, 0, weight, from * width, (to - from) * width);
    }
    return weight;
  }

  @Test
  void aRowBecomesTheSameHoweverTheRowsAreDivided() {
    opened(
        tensors(),
        transform -> {
          float[] whole = transformed(transform, Math.toIntExact(shape().rows()));
          for (int height : new int[] {1, 2, 3, 5}) {
            assertThat(transformed(transform, height)).containsExactly(whole);
          }
        });
  }

  @Test
  void valuesThatAreNotFiniteAreRefused() {
    TensorFile file = tensors();
    int count;
    Path path = file.write(folder.resolve("sound.safetensors"));
    Shape shape;
    try (StateDict source = SafetensorsFile.open(path)) {
      shape = source.find("x").orElseThrow().shape();
      count = Math.toIntExact(shape.elementCount());
    }
    float[] values = new float[count];
    values[count - 1] = Float.NaN;
    opened(
        file.put("x", DType.F32, shape, values),
        transform ->
            assertThatThrownBy(() -> transform.load(shape(), FULL))
                .isInstanceOfSatisfying(
                    AthanorException.class,
                    e -> assertThat(e.problem().kind()).isEqualTo(Kind.BAD_FILE))
                .hasMessageContaining("NaN or infinite"));
  }

  @Test
  void saysWhatItTakesInMemory() {
    opened(tensors(), transform -> assertThat(transform.loadedBytes()).isPositive());
  }
}
