package athanor.merge.method.mix;

import athanor.delta.CombinedRows;

/**
 * Exact order statistics of how large the changes of a part are, from two passes: the first counts
 * the leading bits of the magnitudes, the second the rest of those that begin as the wanted ones do.
 */
final class Magnitudes {
  /** Passes over all rows that it takes. */
  static final int PASSES = 2;

  private static final int LOW_BITS = 15;
  private static final int LOW = (1 << LOW_BITS) - 1;

  private final int part;
  private final long[] ranks;
  private final int[] high = new int[1 << 16];
  private final int[][] low;
  private final int[] beginnings;
  private final long[] larger;
  private boolean begun = false;

  /**
   * The magnitudes of a part.
   *
   * @param ranks which are wanted: 1 is the largest; 0 is one that is larger than all
   */
  Magnitudes(int part, long... ranks) {
    this.part = part;
    this.ranks = ranks.clone();
    this.low = new int[ranks.length][1 << LOW_BITS];
    this.beginnings = new int[ranks.length];
    this.larger = new long[ranks.length];
  }

  /** Bytes of heap for one part. */
  static long bytes(int ranks) {
    return Integer.BYTES * ((1L << 16) + ranks * (1L << LOW_BITS));
  }

  void look(int pass, CombinedRows rows) {
    if (pass == 0) {
      for (int i = 0; i < rows.count(); i++) {
        high[bits(rows, i) >>> LOW_BITS]++;
      }
      return;
    }
    if (!begun) {
      begun = true;
      for (int i = 0; i < ranks.length; i++) {
        begin(i);
      }
    }
    for (int i = 0; i < rows.count(); i++) {
      int bits = bits(rows, i);
      for (int wanted = 0; wanted < ranks.length; wanted++) {
        if (bits >>> LOW_BITS == beginnings[wanted]) {
          low[wanted][bits & LOW]++;
        }
      }
    }
  }

  private int bits(CombinedRows rows, int at) {
    return Float.floatToRawIntBits((float) rows.change(part, at)) & Integer.MAX_VALUE;
  }

  private void begin(int wanted) {
    long before = 0;
    int beginning = high.length - 1;
    while (beginning > 0 && before + high[beginning] < ranks[wanted]) {
      before += high[beginning];
      beginning--;
    }
    beginnings[wanted] = beginning;
    larger[wanted] = before;
  }

  /** The magnitude of a wanted rank, counted from 0 among those wanted. */
  float of(int wanted) {
    if (ranks[wanted] == 0) {
      return Float.POSITIVE_INFINITY;
    }
    long before = larger[wanted];
    int rest = LOW;
    while (rest > 0 && before + low[wanted][rest] < ranks[wanted]) {
      before += low[wanted][rest];
      rest--;
    }
    return Float.intBitsToFloat((beginnings[wanted] << LOW_BITS) | rest);
  }
}
