package athanor.cli.terminal;

import athanor.error.Problem;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Bytes and times as people read them, decimal units, always with a decimal point. */
public final class Sizes {
  private Sizes() {}

  public static String bytes(long bytes) {
    if (bytes >= 1_000_000_000) {
      return String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
    }
    if (bytes >= 1_000_000) {
      return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
    return bytes >= 1000 ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3) : bytes + " bytes";
  }

  private static final Pattern SIZE =
      Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([kMG]?)(i?)B?", Pattern.CASE_INSENSITIVE);

  /**
   * Bytes from text such as {@code 50MB}, {@code 1.5 GB} (decimal, as file managers count) or
   * {@code 48MiB}.
   *
   * @throws athanor.error.AthanorException of kind USAGE if it is no size
   */
  public static long parse(String text) {
    Matcher matcher = SIZE.matcher(text.strip());
    if (!matcher.matches() || matcher.group(3).equals("i") && matcher.group(2).isEmpty()) {
      throw Problem.usage("this is no size")
          .found("'" + text + "'")
          .expected("a number with a unit, such as 50MB")
          .toException();
    }
    int power = " kmg".indexOf(matcher.group(2).toLowerCase(Locale.ROOT));
    int exponent = matcher.group(2).isEmpty() ? 0 : power;
    double unit = Math.pow(matcher.group(3).isEmpty() ? 1000 : 1024, exponent);
    return (long) Math.min(1e18, Double.parseDouble(matcher.group(1)) * unit);
  }

  public static String time(Duration duration) {
    return time(duration.toMillis() / 1e3);
  }

  public static String time(double seconds) {
    if (seconds < 60) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    return String.format(Locale.ROOT, "%d min %02d s", (long) seconds / 60, (long) seconds % 60);
  }

  /** A ratio without needless zeros: {@code 0.6}, {@code 1}. */
  public static String ratio(double ratio) {
    return ratio == Math.rint(ratio) && Math.abs(ratio) < 1e15
        ? String.format(Locale.ROOT, "%.0f", ratio)
        : Double.toString(ratio);
  }
}
