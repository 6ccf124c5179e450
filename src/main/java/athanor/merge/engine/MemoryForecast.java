package athanor.merge.engine;

import athanor.delta.Change;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.merge.plan.TensorPlan;
import java.util.List;
import java.util.Locale;

/** Estimates the memory of a run: it grows with the LoRAs' ranks, not with the checkpoint. */
public final class MemoryForecast {
  /** A started Java machine with this program loaded, measured. */
  private static final long PROCESS_BYTES = 120L << 20;

  /** Of it, what lies on the heap: classes' data, headers and plans. */
  private static final long HEAP_AT_REST = 24L << 20;

  /** A block as float32, and as bytes of the widest type. */
  private static final long BYTES_OF_ELEMENT = 12;

  private static final long BLOCK_BYTES = BlockBuffers.BLOCK_ELEMENTS * BYTES_OF_ELEMENT;

  private MemoryForecast() {}

  /**
   * Bytes that a merge needs at most: per worker one block and the factors of the most demanding
   * tensor, which exist up to three times while they are stacked and packed.
   */
  public static long bytes(List<TensorPlan> plans, int threads) {
    return bytes(workerBytes(plans), threads);
  }

  /**
   * Returns if the Java heap is large enough.
   *
   * @throws athanor.error.AthanorException of kind RESOURCES with both numbers if it is not
   */
  public static void requireHeap(List<TensorPlan> plans, int threads) {
    requireHeap(workerBytes(plans), threads);
  }

  /** Bytes that a run needs at most whose workers need so much heap each. */
  public static long bytes(long workerBytes, int threads) {
    return PROCESS_BYTES + threads * workerBytes;
  }

  /**
   * Returns if the Java heap is large enough for workers that need so many bytes each.
   *
   * @throws athanor.error.AthanorException of kind RESOURCES with both numbers if it is not
   */
  public static void requireHeap(long workerBytes, int threads) {
    long needed = HEAP_AT_REST + threads * workerBytes;
    long most = Runtime.getRuntime().maxMemory();
    if (needed > most) {
      throw Problem.of(
              Kind.RESOURCES, "ranks or weights this large need more memory than Java may use")
          .found(megabytes(most))
          .expected("about " + megabytes(needed))
          .help(
              (threads > 1 ? "use --threads 1, or " : "")
                  + "allow more: ATHANOR_JAVA_OPTIONS=-Xmx"
                  + (needed / (1 << 30) + 1)
                  + "g")
          .toException();
    }
  }

  private static long workerBytes(List<TensorPlan> plans) {
    return plans.stream().mapToLong(MemoryForecast::workerBytes).max().orElse(BLOCK_BYTES);
  }

  /** The block, with copies where a transform needs many rows at once, and what is loaded. */
  private static long workerBytes(TensorPlan plan) {
    long loaded = plan.changes().stream().mapToLong(Change::loadedBytes).sum();
    return blockBytes(plan) + BlockCuts.bytesTogether(plan) + 3 * loaded;
  }

  /** A changed tensor is cut between rows only, so a block holds one row at least. */
  private static long blockBytes(TensorPlan plan) {
    return plan.changes().isEmpty()
        ? BLOCK_BYTES
        : Math.max(BLOCK_BYTES, BYTES_OF_ELEMENT * plan.output().shape().columns());
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%,d MB", bytes / 1_000_000);
  }
}
