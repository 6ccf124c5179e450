package athanor.merge.method.mix;

/**
 * Random numbers that depend on the seed, the key of the weight, the number of the change and the
 * index of the value alone: the same for any number of threads, blocks and other weights.
 * SplitMix64 of a FNV-1a hash of the key (UTF-16 units).
 */
final class Draws {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;
  private static final long PART = 0xd1342543de82ef95L;

  private final long start;

  Draws(long seed, String key, int part) {
    long hash = FNV_OFFSET;
    for (int i = 0; i < key.length(); i++) {
      hash = (hash ^ key.charAt(i)) * FNV_PRIME;
    }
    this.start = mixed(mixed(seed + GOLDEN) ^ hash) + part * PART;
  }

  /** From 0, inclusive, to 1, exclusive: 53 random bits. */
  double at(long index) {
    return (mixed(start + (index + 1) * GOLDEN) >>> 11) * 0x1p-53;
  }

  private static long mixed(long value) {
    long bits = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    bits = (bits ^ (bits >>> 27)) * 0x94d049bb133111ebL;
    return bits ^ (bits >>> 31);
  }
}
