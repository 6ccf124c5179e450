package athanor.torchfile.pickle;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values that a pickle program gave a number, to use them again. */
final class PickleMemo {
  private static final int ENTRY_BYTES = 8;
  private static final int SPARSE_ENTRY_BYTES = 80;

  private final PickleFindings findings;
  private final Map<Long, PickleValue> sparse = new HashMap<>();
  private @Nullable PickleValue[] dense = new PickleValue[64];
  private int count;

  PickleMemo(PickleFindings findings) {
    this.findings = findings;
  }

  void put(long index, PickleValue value, long position) {
    if (count == PickleLimits.MEMO_ENTRIES) {
      throw findings.tooMuch(position, "memo entries", count + 1, PickleLimits.MEMO_ENTRIES);
    }
    if (index < 0 || index > Integer.MAX_VALUE) {
      throw findings.malformed(position, "memo index " + index + " is out of range");
    }
    if (index < 2L * count + 64) {
      putDense((int) index, value, position);
    } else {
      findings.charge(position, SPARSE_ENTRY_BYTES);
      count += sparse.put(index, value) == null ? 1 : 0;
    }
  }

  private void putDense(int index, PickleValue value, long position) {
    if (index >= dense.length) {
      int larger = Math.max(index + 1, 2 * dense.length);
      findings.charge(position, (long) ENTRY_BYTES * larger);
      dense = Arrays.copyOf(dense, larger);
    }
    boolean fresh = dense[index] == null && sparse.remove((long) index) == null;
    dense[index] = value;
    count += fresh ? 1 : 0;
  }

  /** The opcode MEMOIZE: numbers the value with the number of entries so far. */
  void append(PickleValue value, long position) {
    put(count, value, position);
  }

  PickleValue get(long index, long position) {
    PickleValue value = index >= 0 && index < dense.length ? dense[(int) index] : null;
    if (value == null) {
      value = sparse.get(index);
    }
    if (value == null) {
      throw findings.malformed(position, "memo entry " + index + " was never set");
    }
    return value;
  }
}
