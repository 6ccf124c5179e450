package athanor.cli;

import java.time.Duration;
import java.util.Locale;

/** Bytes and times as people read them, decimal units, always with a decimal point. */
final class Sizes {
  private Sizes() {}

  static String bytes(long bytes) {
    if (bytes >= 1_000_000_000) {
      return String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
    }
    if (bytes >= 1_000_000) {
      return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
    return bytes >= 1000 ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3) : bytes + " bytes";
  }

  static String time(Duration duration) {
    double seconds = duration.toMillis() / 1e3;
    if (seconds < 60) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    return String.format(Locale.ROOT, "%d min %02d s", (long) seconds / 60, (long) seconds % 60);
  }

  /** A ratio without needless zeros: {@code 0.6}, {@code 1}. */
  static String ratio(double ratio) {
    return ratio == Math.rint(ratio) && Math.abs(ratio) < 1e15
        ? String.format(Locale.ROOT, "%.0f", ratio)
        : Double.toString(ratio);
  }
}
