package athanor.format;

import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether two files hold the same tensors, to the byte; container, order and metadata do not count.
 *
 * @param tensors how many the first file has
 * @param bytes of their values
 * @param different how many are different, missing or too many
 * @param first the first of these
 */
public record TensorComparison(int tensors, long bytes, int different, Optional<Difference> first) {
  private static final int BLOCK = 1 << 20;

  /**
   * A tensor that is not the same.
   *
   * @param key its key
   * @param found what the second file has
   * @param expected what the first has
   */
  public record Difference(String key, String found, String expected) {}

  /** Whether all are the same. */
  public boolean same() {
    return different == 0;
  }

  /**
   * Compares two open files, reading both once.
   *
   * @param expected the first
   * @param actual the second
   * @param progress receives bytes of the first
   * @throws athanor.error.AthanorException of kind BAD_FILE if one cannot be read; of kind
   *     CANCELLED
   */
  public static TensorComparison of(
      StateDict expected, StateDict actual, Progress progress, Cancellation cancellation) {
    long bytes = expected.tensors().stream().mapToLong(TensorInfo::byteSize).sum();
    progress.begin("comparing " + expected.name(), bytes, expected.tensors().size());
    int different = 0;
    Optional<Difference> first = Optional.empty();
    try {
      for (TensorInfo tensor : expected.tensors()) {
        Optional<Difference> difference = compare(tensor, expected, actual, progress, cancellation);
        different += difference.isPresent() ? 1 : 0;
        first = first.or(() -> difference);
        progress.advance(0, 1);
      }
      for (TensorInfo tensor : actual.tensors()) {
        if (expected.find(tensor.key()).isEmpty()) {
          different++;
          var extra = new Difference(tensor.key(), describe(tensor), "no such tensor");
          first = first.or(() -> Optional.of(extra));
        }
      }
    } finally {
      progress.end();
    }
    return new TensorComparison(expected.tensors().size(), bytes, different, first);
  }

  private static Optional<Difference> compare(
      TensorInfo tensor,
      StateDict expected,
      StateDict actual,
      Progress progress,
      Cancellation cancellation) {
    Optional<TensorInfo> other = actual.find(tensor.key());
    if (other.isEmpty()) {
      return Optional.of(new Difference(tensor.key(), "no such tensor", describe(tensor)));
    }
    if (!describe(tensor).equals(describe(other.get()))) {
      return Optional.of(new Difference(tensor.key(), describe(other.get()), describe(tensor)));
    }
    MemorySegment one = MemorySegment.ofArray(new byte[BLOCK]);
    MemorySegment two = MemorySegment.ofArray(new byte[BLOCK]);
    for (long at = 0; at < tensor.byteSize(); at += BLOCK) {
      cancellation.check();
      long length = Math.min(BLOCK, tensor.byteSize() - at);
      expected.read(tensor, at, one.asSlice(0, length));
      actual.read(other.get(), at, two.asSlice(0, length));
      long mismatch = MemorySegment.mismatch(one, 0, length, two, 0, length);
      if (mismatch >= 0) {
        return Optional.of(
            new Difference(
                tensor.key(),
                value(two, mismatch) + " at byte " + (at + mismatch),
                value(one, mismatch)));
      }
      progress.advance(length, 0);
    }
    return Optional.empty();
  }

  private static String value(MemorySegment block, long at) {
    return String.format(Locale.ROOT, "0x%02x", block.get(ValueLayout.JAVA_BYTE, at));
  }

  private static String describe(TensorInfo tensor) {
    return tensor.dtype() + " " + tensor.shape();
  }
}
