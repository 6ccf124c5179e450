package athanor.delta;

import athanor.error.Problem;
import athanor.tensor.DType;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A matrix of which only some values are stored, each with its row and column; all others are 0.
 * Values of one place add up.
 *
 * @param source the file that holds them
 * @param places integers {@code [2, n]}: the rows, then the columns
 * @param values n values
 * @param outputs rows of the matrix
 * @param inputs columns of the matrix
 * @param scale a factor, mostly 1
 */
public record SparseDelta(
    StateDict source, TensorInfo places, TensorInfo values, long outputs, long inputs, double scale)
    implements Delta {

  /** Whether places can be stored in a type. */
  public static boolean holdsPlaces(DType dtype) {
    return switch (dtype) {
      case I16, U16, I32, I64 -> true;
      default -> false;
    };
  }

  @Override
  public long loadedBytes() {
    return 4L * Long.BYTES * values.shape().elementCount();
  }

  /**
   * As {@link Delta#load}; of kind BAD_FILE also if a place lies outside of the matrix, as those
   * beyond 32767 do in files that store 16 bits.
   */
  @Override
  public LoadedDelta load(Arithmetic arithmetic) {
    float[] stored = arithmetic.rounded(arithmetic.read(source, values));
    long[] sorted = new long[stored.length];
    long[] coordinates = coordinates(2 * stored.length);
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] = inside(coordinates[i], coordinates[stored.length + i]);
    }
    Integer[] order = new Integer[sorted.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Long.compare(sorted[a], sorted[b]));
    float[] inOrder = new float[stored.length];
    long[] places = new long[stored.length];
    for (int i = 0; i < order.length; i++) {
      inOrder[i] = stored[order[i]];
      places[i] = sorted[order[i]];
    }
    return new Loaded(Math.toIntExact(inputs), places, inOrder);
  }

  private long[] coordinates(int count) {
    byte[] bytes = new byte[Math.toIntExact(places.byteSize())];
    source.read(places, 0, MemorySegment.ofArray(bytes));
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long[] coordinates = new long[count];
    for (int i = 0; i < count; i++) {
      coordinates[i] =
          switch (places.dtype()) {
            case I16 -> buffer.getShort();
            case U16 -> Short.toUnsignedInt(buffer.getShort());
            case I32 -> buffer.getInt();
            case I64 -> buffer.getLong();
            default -> throw new IllegalStateException("places of type " + places.dtype());
          };
    }
    return coordinates;
  }

  private long inside(long row, long column) {
    if (row < 0 || row >= outputs || column < 0 || column >= inputs) {
      throw Problem.badFile("a sparse value lies outside of its matrix")
          .at(source.name() + ", " + places.key())
          .found("row " + row + ", column " + column)
          .expected("rows below " + outputs + ", columns below " + inputs)
          .help("the file is damaged; download it again, or leave it out")
          .toException();
    }
    return row * inputs + column;
  }

  /** The values in the order of their places. */
  private record Loaded(int width, long[] places, float[] values) implements LoadedDelta {
    @Override
    public void rows(int from, int to, float[] target) {
      Arrays.fill(target, 0, (to - from) * width, 0f);
      long first = (long) from * width;
      for (int i = firstAt(first); i < places.length && places[i] < (long) to * width; i++) {
        target[(int) (places[i] - first)] += values[i];
      }
    }

    /** The first value at a place or behind it. */
    private int firstAt(long place) {
      int low = 0;
      int high = places.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (places[middle] < place) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }
  }
}
