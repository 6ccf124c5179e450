package athanor.merge.method.mix;

import athanor.tensor.Shape;
import java.util.Arrays;

/** A median over neighbours and a Gaussian, in all dimensions of an array. */
final class Smoothing {
  private static final int RADIUS = 4;
  private static final double[] GAUSS = gauss();

  private final int[] dims;
  private final int[] strides;

  Smoothing(Shape shape) {
    long[] all = shape.dims();
    this.dims = new int[all.length];
    this.strides = new int[all.length];
    int stride = 1;
    for (int axis = all.length - 1; axis >= 0; axis--) {
      dims[axis] = Math.toIntExact(all[axis]);
      strides[axis] = stride;
      stride *= dims[axis];
    }
  }

  private static double[] gauss() {
    double[] weights = new double[2 * RADIUS + 1];
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Math.exp(-0.5 * (i - RADIUS) * (i - RADIUS));
      sum += weights[i];
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] /= sum;
    }
    return weights;
  }

  /** The smoothed values; the argument is used up. */
  float[] of(float[] values) {
    float[] one = new float[values.length];
    medians(values, one);
    float[] from = one;
    float[] to = values;
    for (int axis = 0; axis < dims.length; axis++) {
      blur(from, to, axis);
      float[] kept = from;
      from = to;
      to = kept;
    }
    return from;
  }

  private void medians(float[] from, float[] to) {
    int size = 1;
    for (int axis = 0; axis < dims.length; axis++) {
      size *= 3;
    }
    float[] window = new float[size];
    int[] at = new int[dims.length];
    int[] windowOffsets = new int[size];
    for (int i = 0; i < from.length; i++) {
      gather(from, at, windowOffsets, window);
      Arrays.sort(window);
      to[i] = window[size / 2];
      advance(at);
    }
  }

  private void gather(float[] from, int[] at, int[] offsets, float[] window) {
    offsets[0] = 0;
    int filled = 1;
    for (int axis = 0; axis < dims.length; axis++) {
      int before = mirrored(at[axis] - 1, dims[axis]) * strides[axis];
      int here = at[axis] * strides[axis];
      int after = mirrored(at[axis] + 1, dims[axis]) * strides[axis];
      for (int i = filled - 1; i >= 0; i--) {
        int start = offsets[i];
        offsets[i] = start + here;
        offsets[filled + i] = start + before;
        offsets[2 * filled + i] = start + after;
      }
      filled *= 3;
    }
    for (int i = 0; i < filled; i++) {
      window[i] = from[offsets[i]];
    }
  }

  private void advance(int[] at) {
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      if (++at[axis] < dims[axis]) {
        return;
      }
      at[axis] = 0;
    }
  }

  private void blur(float[] from, float[] to, int axis) {
    int[] at = new int[dims.length];
    int stride = strides[axis];
    for (int i = 0; i < from.length; i++) {
      int start = i - at[axis] * stride;
      double sum = 0;
      for (int k = -RADIUS; k <= RADIUS; k++) {
        sum += GAUSS[k + RADIUS] * from[start + mirrored(at[axis] + k, dims[axis]) * stride];
      }
      to[i] = (float) sum;
      advance(at);
    }
  }

  /** The place that a place beyond the edge stands for: {@code … b a | a b c | c b …}. */
  private static int mirrored(int at, int count) {
    int period = 2 * count;
    int within = Math.floorMod(at, period);
    return within < count ? within : period - 1 - within;
  }
}
