package athanor.kernel;

/**
 * Random numbers that are the same on every Java: SplitMix64 (Steele, Lea, Flood, "Fast splittable
 * pseudorandom number generators", 2014).
 */
final class SplitMix {
  private long state;

  SplitMix(long seed) {
    state = seed;
  }

  /** Uniform in [-1, 1), a multiple of 2⁻²³. */
  float nextSymmetric() {
    state += 0x9E3779B97F4A7C15L;
    long mixed = (state ^ state >>> 30) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
    mixed ^= mixed >>> 31;
    return (mixed >> 40) * 0x1p-23f;
  }
}
