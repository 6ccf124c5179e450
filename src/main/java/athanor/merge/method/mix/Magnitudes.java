package athanor.merge.method.mix;

import athanor.delta.CombinedRows;

/**
 * Exact order statistics of how large the changes of a part are, from two passes: the first counts
 * the leading bits of the magnitudes, the second the rest of those that begin as the wanted ones
 * do.
 */
final class Magnitudes {
  /** Passes over all rows that it takes. */
  static final int PASSES = 2;

  private static final int LARGEST = Float.floatToRawIntBits(Float.MAX_VALUE);
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
    float[] values = rows.values().get(part);
    float[] reference = rows.references().get(part);
    int count = rows.count();
    if (pass == 0) {
      for (int i = 0; i < count; i++) {
        high[bits(values[i] - reference[i]) >>> LOW_BITS]++;
      }
      return;
    }
    if (!begun) {
      begun = true;
      for (int i = 0; i < ranks.length; i++) {
        begin(i);
      }
    }
    for (int wanted = 0; wanted < ranks.length; wanted++) {
      countRest(values, reference, count, beginnings[wanted], low[wanted]);
    }
  }

  private static void countRest(
      float[] values, float[] reference, int count, int beginning, int[] counts) {
    for (int i = 0; i < count; i++) {
      int bits = bits(values[i] - reference[i]);
      if (bits >>> LOW_BITS == beginning) {
        counts[bits & LOW]++;
      }
    }
  }

  private static int bits(float change) {
    return Float.floatToRawIntBits(change) & Integer.MAX_VALUE;
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

  /**
   * Puts 0 for all values but those of a magnitude from {@code least} on and below {@code
   * tooLarge}, and but infinity and NaN, which the check of the result must see. With masks of
   * bits, because no branch could be predicted.
   */
  static void keep(float[] values, int count, float least, float tooLarge) {
    int low = Float.floatToRawIntBits(least);
    int high = Float.floatToRawIntBits(tooLarge);
    for (int i = 0; i < count; i++) {
      int bits = Float.floatToRawIntBits(values[i]);
      int magnitude = bits & Integer.MAX_VALUE;
      int kept =
          ~((magnitude - low) >> 31) & ((magnitude - high) >> 31) | (LARGEST - magnitude) >> 31;
      values[i] = Float.intBitsToFloat(bits & kept);
    }
  }
}
