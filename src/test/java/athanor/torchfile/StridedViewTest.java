package athanor.torchfile;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.file.InputFile;
import athanor.testkit.Gen;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class StridedViewTest extends TorchFileTestCase {

  /** Random views with any strides, zero and overlapping ones too, read in random pieces. */
  @Test
  void gathersWhatTheDefinitionSays() {
    Gen gen = Gen.seeded("gathersWhatTheDefinitionSays");
    byte[] content = gen.bytes(40_000);
    InputFile file = file(content);
    for (int round = 0; round < 400; round++) {
      int width = gen.oneOf(1, 2, 4, 8);
      int rank = gen.between(0, 5);
      long[] size = new long[rank];
      long[] stride = new long[rank];
      long last = 0;
      for (int d = 0; d < rank; d++) {
        size[d] = gen.between(1, 6);
        stride[d] = gen.oneOf(0, 1, 1, 2, 3, 5, 30, 90);
        last += (size[d] - 1) * stride[d];
      }
      long offset = gen.between(0, 20);
      int storage = gen.between(0, 100);
      assertThat(storage + (offset + last + 1) * width).isLessThan(content.length);
      var view = new StridedView(offset, size, stride, width);
      byte[] expected = byDefinition(content, storage, offset, size, stride, width);
      int from = gen.between(0, expected.length);
      int to = gen.between(from, expected.length);
      byte[] piece = new byte[to - from];
      view.gather(file, storage, from, MemorySegment.ofArray(piece));
      assertThat(piece)
          .as("%s bytes %d to %d", view, from, to)
          .isEqualTo(Arrays.copyOfRange(expected, from, to));
      if (view.isContiguous()) {
        int start = (int) (storage + view.position());
        assertThat(Arrays.copyOfRange(content, start, start + expected.length)).isEqualTo(expected);
      }
    }
  }

  private static byte[] byDefinition(
      byte[] content, int storage, long offset, long[] size, long[] stride, int width) {
    int count = Math.toIntExact(Arrays.stream(size).reduce(1, (a, b) -> a * b));
    byte[] packed = new byte[count * width];
    for (int i = 0; i < count; i++) {
      long element = offset;
      int rest = i;
      for (int d = size.length - 1; d >= 0; d--) {
        element += (rest % size[d]) * stride[d];
        rest /= (int) size[d];
      }
      System.arraycopy(
          content, Math.toIntExact(storage + element * width), packed, i * width, width);
    }
    return packed;
  }

  /** Larger than the piece of a storage that is read at once. */
  @Test
  void gathersALargeTransposedMatrix() {
    int rows = 2000;
    int columns = 1500;
    byte[] content = new byte[rows * columns * 4];
    var values = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < rows * columns; i++) {
      values.putInt(i);
    }
    InputFile file = file(content);
    var transposed = new StridedView(0, new long[] {columns, rows}, new long[] {1, columns}, 4);
    for (int from : new int[] {0, 7, 1_000_003}) {
      int[] piece = new int[100_000];
      transposed.gather(file, 0, 4L * from, MemorySegment.ofArray(piece));
      for (int i = 0; i < piece.length; i++) {
        int column = (from + i) / rows;
        int row = (from + i) % rows;
        assertThat(piece[i]).isEqualTo(row * columns + column);
      }
    }
  }

  /** Convolutions are often stored with their channels last. */
  @Test
  void gathersConvolutionsInChannelsLastOrder() {
    byte[] content = Gen.fixed(5).bytes(320 * 64 * 9 * 2);
    InputFile file = file(content);
    long[] size = {320, 64, 3, 3};
    long[] stride = {64 * 9, 1, 3 * 64, 64};
    byte[] all = new byte[content.length];
    new StridedView(0, size, stride, 2).gather(file, 0, 0, MemorySegment.ofArray(all));
    assertThat(all).isEqualTo(byDefinition(content, 0, 0, size, stride, 2));
  }

  @Test
  void readsAtAPartOfAnElement() {
    byte[] content = Gen.fixed(6).bytes(64);
    InputFile file = file(content);
    var view = new StridedView(1, new long[] {3}, new long[] {2}, 8);
    byte[] expected = byDefinition(content, 0, 1, new long[] {3}, new long[] {2}, 8);
    for (int from = 0; from <= 24; from++) {
      for (int to = from; to <= 24; to++) {
        byte[] piece = new byte[to - from];
        view.gather(file, 0, from, MemorySegment.ofArray(piece));
        assertThat(piece).isEqualTo(Arrays.copyOfRange(expected, from, to));
      }
    }
  }
}
