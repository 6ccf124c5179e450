package athanor.testkit;

import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Random data for property tests. The seed is printed, and {@code -Dseed=N} replays a run.
 *
 * <p>Use one per test: {@code Gen gen = Gen.seeded("name of the property")}.
 */
public final class Gen {
  private final SplittableRandom random;
  private final long seed;

  private Gen(long seed) {
    this.seed = seed;
    this.random = new SplittableRandom(seed);
  }

  /** A generator with a fresh seed, or the one of {@code -Dseed}; prints which. */
  public static Gen seeded(String property) {
    long seed = Long.getLong("seed", ThreadLocalRandom.current().nextLong() >>> 1);
    System.out.println(property + ": -Dseed=" + seed);
    return new Gen(seed);
  }

  /** A generator that always gives the same values. */
  public static Gen fixed(long seed) {
    return new Gen(seed);
  }

  /** The seed of this generator. */
  public long seed() {
    return seed;
  }

  /** A whole number in {@code [least, most]}, both inclusive. */
  public int between(int least, int most) {
    return random.nextInt(least, most + 1);
  }

  /** Any 64 bits. */
  public long anyLong() {
    return random.nextLong();
  }

  /** A coin toss. */
  public boolean coin() {
    return random.nextBoolean();
  }

  /** One of the values. */
  @SafeVarargs
  public final <T> T oneOf(T... values) {
    return values[random.nextInt(values.length)];
  }

  /** Random bytes. */
  public byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** A normally distributed value with this standard deviation. */
  public float gaussian(double deviation) {
    return (float) (random.nextGaussian() * deviation);
  }

  /** Normally distributed values with this standard deviation. */
  public float[] gaussians(int count, double deviation) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = gaussian(deviation);
    }
    return values;
  }
}
