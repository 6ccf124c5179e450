package athanor.kernel;

import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/**
 * Working memory for decompositions, used again for one after the other: arrays made anew for each
 * would be garbage by the gigabyte. It grows to what the largest decomposition takes, for as many
 * threads as decompose at the same time. Thread-safe.
 */
public final class SvdMemory {
  private final Queue<Arrays> idle = new ConcurrentLinkedQueue<>();

  /** The large arrays of one decomposition; longer than asked for, and with old values in them. */
  static final class Arrays {
    private double[] up = {};
    private double[] down = {};
    private double[] left = {};
    private double[] right = {};

    double[] up(int length) {
      up = atLeast(length, up);
      return up;
    }

    double[] down(int length) {
      down = atLeast(length, down);
      return down;
    }

    double[] left(int length) {
      left = atLeast(length, left);
      return left;
    }

    double[] right(int length) {
      right = atLeast(length, right);
      return right;
    }

    private static double[] atLeast(int length, double[] array) {
      return array.length >= length ? array : new double[length];
    }
  }

  /**
   * Decomposes {@code up·down} and gives the decomposition to {@code use}, after which it is void.
   *
   * @param use makes what is wanted of it; must not keep it
   * @return what {@code use} made
   * @throws IllegalArgumentException as {@link LowRankSvd#of}
   * @throws ArithmeticException as {@link LowRankSvd#of}
   */
  public <R> R decompose(
      Kernels kernels,
      int rows,
      int rank,
      int columns,
      float[] up,
      float[] down,
      Function<LowRankSvd, R> use) {
    Arrays arrays = Objects.requireNonNullElseGet(idle.poll(), Arrays::new);
    R result = use.apply(LowRankSvd.of(kernels, rows, rank, columns, up, down, arrays));
    idle.add(arrays);
    return result;
  }
}
