package athanor.model;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.format.StateDicts;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PositionIdsTest {
  private static final String KEY = Sample.TEXT + "embeddings.position_ids";

  @TempDir private Path folder;

  private List<PositionIds.Damage> damaged(TensorFile file) {
    Path path = file.write(folder.resolve("model.safetensors"));
    try (StateDict open = StateDicts.open(path)) {
      return PositionIds.damaged(open, Checkpoints.model(open.tensors()));
    }
  }

  private static TensorFile base() {
    List<TensorInfo> tensors =
        Checkpoints.without(Sample.sd1(DType.F16), key -> key.endsWith("position_ids"));
    return new TensorFile().random(tensors, 0.05, Gen.fixed(1));
  }

  private static float[] numbers() {
    float[] numbers = new float[77];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i;
    }
    return numbers;
  }

  @Test
  void findsNothingWrongWithWhatItWouldWrite() {
    byte[] right = PositionIds.values().toArray(ValueLayout.JAVA_BYTE);
    assertThat(damaged(base().put(PositionIds.info(KEY), right))).isEmpty();
    assertThat(ByteBuffer.wrap(right).order(ByteOrder.LITTLE_ENDIAN).getLong(76 * 8)).isEqualTo(76);
  }

  @Test
  void missesNoneThatAreNotThere() {
    assertThat(damaged(base())).isEmpty();
  }

  @Test
  void findsFloatsOfTheRightValue() {
    assertThat(damaged(base().put(KEY, DType.F16, Shape.of(1, 77), numbers())))
        .containsExactly(
            new PositionIds.Damage(KEY, 0, "stored as fp16 [1, 77] instead of int64 [1, 77]"));
  }

  @Test
  void countsTheWrongNumbersOfAverages() {
    float[] numbers = numbers();
    numbers[41] = 40.99f;
    numbers[5] = Float.NaN;
    assertThat(damaged(base().put(KEY, DType.F32, Shape.of(1, 77), numbers)))
        .containsExactly(
            new PositionIds.Damage(KEY, 2, "2 of 77 numbers are wrong, stored as fp32"));
  }

  @Test
  void findsWrongIntegersAndOtherIntegerTypes() {
    byte[] wrong = PositionIds.values().toArray(ValueLayout.JAVA_BYTE);
    wrong[8 * 41] = 40;
    assertThat(damaged(base().put(PositionIds.info(KEY), wrong)))
        .containsExactly(new PositionIds.Damage(KEY, 1, "1 of 77 numbers are wrong"));
    ByteBuffer narrow = ByteBuffer.allocate(77 * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 77; i++) {
      narrow.putInt(i);
    }
    TensorInfo int32 = new TensorInfo(KEY, DType.I32, Shape.of(1, 77));
    assertThat(damaged(base().put(int32, narrow.array())))
        .singleElement()
        .matches(damage -> damage.what().contains("i32"));
  }

  @Test
  void findsAnotherShapeWithoutReadingIt() {
    assertThat(damaged(base().put(KEY, DType.F32, Shape.of(2, 3), new float[6])))
        .singleElement()
        .matches(damage -> damage.what().contains("[2, 3] instead of [1, 77]"));
    byte[] right = PositionIds.values().toArray(ValueLayout.JAVA_BYTE);
    TensorInfo flat = new TensorInfo(KEY, DType.I64, Shape.of(77));
    assertThat(damaged(base().put(flat, right)))
        .singleElement()
        .matches(damage -> damage.wrongValues() == 0);
  }
}
