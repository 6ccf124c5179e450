package athanor.bench;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Sizes of a benchmark as a parameter: {@code 1280x64x1280}. */
final class Sizes {
  private Sizes() {}

  static int[] parse(String sizes) {
    return Arrays.stream(sizes.split("x")).mapToInt(Integer::parseInt).toArray();
  }

  /** Normally distributed values, the same on every run. */
  static float[] gaussians(long seed, int count) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
