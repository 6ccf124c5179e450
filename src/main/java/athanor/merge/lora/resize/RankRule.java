package athanor.merge.lora.resize;

/**
 * How many singular values of a module a resize keeps, by the rules of kohya's {@code
 * resize_lora.py}. There, S are the singular values of up · down without the scale, descending. A
 * dynamic rule finds an index, limits it to {@code [1, len(S) − 1]} and keeps one value more than
 * that: at least 2, if there are as many. Where nothing is larger than 10⁻⁶, one is kept.
 *
 * <p>S are the values of the small core here, so a module never gets a rank above its own; kohya's
 * script can add one empty direction to a module of which everything is kept.
 */
public sealed interface RankRule {
  /** Singular values up to this size are taken for noise. */
  double LEAST = 1e-6;

  /**
   * The number of singular values to keep, at least 1.
   *
   * @param s singular values of up · down, descending, at least one
   * @param cap the most to keep, at least 1
   */
  int rank(double[] s, int cap);

  /** In words, for the metadata; {@code fixed} or {@code sv_fro: 0.9}. */
  String description();

  /** The cap itself. */
  record Fixed() implements RankRule {
    @Override
    public int rank(double[] s, int cap) {
      return Math.min(cap, s.length);
    }

    @Override
    public String description() {
      return "fixed";
    }
  }

  /** The methods of kohya's {@code --dynamic_method}. */
  enum Method {
    /** Values larger than the largest one divided by the parameter. */
    SV_RATIO,
    /** The parameter is a share of the Frobenius norm. */
    SV_FRO,
    /** The parameter is a share of the sum of the values. */
    SV_CUMULATIVE;

    /** The name that kohya's option uses. */
    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * A rank of its own for each module.
   *
   * @param method the measure
   * @param parameter at least 1 for SV_RATIO, otherwise above 0 and at most 1
   */
  record Dynamic(Method method, double parameter) implements RankRule {
    @Override
    public int rank(double[] s, int cap) {
      if (s[0] <= LEAST) {
        return 1;
      }
      int index =
          switch (method) {
            case SV_RATIO -> countAbove(s, s[0] / parameter);
            case SV_CUMULATIVE -> firstReaching(s, 1, parameter) + 1;
            case SV_FRO -> firstReaching(s, 2, parameter * parameter) + 1;
          };
      int limited = Math.min(Math.max(index, 1), s.length - 1);
      return Math.min(limited + 1, cap);
    }

    private static int countAbove(double[] s, double threshold) {
      int count = 0;
      while (count < s.length && s[count] > threshold) {
        count++;
      }
      return count;
    }

    /** The first index at which the running sum of powers reaches this share of the whole. */
    private static int firstReaching(double[] s, int power, double share) {
      double total = 0;
      for (double value : s) {
        total += Math.pow(value, power);
      }
      double running = 0;
      for (int i = 0; i < s.length; i++) {
        running += Math.pow(s[i], power);
        if (running / total >= share) {
          return i;
        }
      }
      return s.length;
    }

    @Override
    public String description() {
      return method + ": " + parameter;
    }
  }
}
