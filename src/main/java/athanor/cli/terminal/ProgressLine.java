package athanor.cli.terminal;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * One line that is rewritten on a terminal: what is done, percent, a bar, bytes, rate, time left.
 * As wide as the window at that moment; in a narrow one the bar goes first, then the rate.
 */
public final class ProgressLine implements ProgressDisplay {
  private static final long REDRAW_NANOS = 100_000_000;
  private static final int WIDEST_BAR = 30;
  private static final int NARROWEST_BAR = 6;

  private final PrintStream terminal;
  private final IntSupplier width;
  private final LongSupplier clock;
  private String activity = "";
  private boolean running;
  private long totalBytes;
  private int totalItems;
  private long bytes;
  private int items;
  private long begun;
  private long drawn;
  private int shown;
  private Pace pace = new Pace();

  /**
   * A line on this terminal.
   *
   * @param width columns at the moment
   * @param clock nanoseconds
   */
  ProgressLine(PrintStream terminal, IntSupplier width, LongSupplier clock) {
    this.terminal = terminal;
    this.width = width;
    this.clock = clock;
  }

  @Override
  public synchronized void begin(String activity, long totalBytes, int totalItems) {
    end();
    this.activity = activity;
    this.totalBytes = totalBytes;
    this.totalItems = totalItems;
    bytes = 0;
    items = 0;
    begun = clock.getAsLong();
    drawn = begun;
    pace = new Pace();
    running = true;
  }

  @Override
  public synchronized void advance(long moreBytes, int moreItems) {
    bytes += moreBytes;
    items += moreItems;
    long now = clock.getAsLong();
    if (running && now - drawn >= REDRAW_NANOS) {
      drawn = now;
      pace.note((now - begun) / 1e9, totalBytes > 0 ? bytes : items);
      draw(line(width.getAsInt() - 1));
    }
  }

  /** The line, at most {@code columns} long. */
  private String line(int columns) {
    long total = totalBytes > 0 ? totalBytes : totalItems;
    double share = total == 0 ? 0 : Math.min(1, (totalBytes > 0 ? bytes : items) / (double) total);
    String percent = String.format(Locale.ROOT, "%3.0f %%", Math.floor(100 * share));
    String amount =
        totalBytes > 0
            ? Sizes.bytes(bytes) + " of " + Sizes.bytes(totalBytes)
            : items + " of " + totalItems;
    OptionalDouble rate = pace.rate();
    String speed =
        totalBytes > 0 && rate.isPresent()
            ? "  " + Sizes.bytes(Math.round(rate.getAsDouble())) + "/s"
            : "";
    OptionalDouble left = pace.secondsLeft(total);
    String time = left.isPresent() ? "  " + clockTime(left.getAsDouble()) + " left" : "";
    String head = activity + "  " + percent;
    for (String tail : List.of("  " + amount + speed + time, "  " + amount + time, time)) {
      int room = columns - head.length() - tail.length();
      if (room >= 0) {
        return head + bar(share, room - 4) + tail;
      }
    }
    return head.substring(0, Math.min(head.length(), Math.max(0, columns)));
  }

  private static String bar(double share, int room) {
    int length = Math.min(WIDEST_BAR, room);
    if (length < NARROWEST_BAR) {
      return "";
    }
    int full = (int) (share * length);
    return "  [" + "=".repeat(full) + " ".repeat(length - full) + "]";
  }

  private static String clockTime(double seconds) {
    long whole = Math.round(seconds);
    return whole >= 3600
        ? String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60);
  }

  private void draw(String line) {
    terminal.print("\r" + line + " ".repeat(Math.max(0, shown - line.length())));
    terminal.flush();
    shown = line.length();
  }

  @Override
  public synchronized void end() {
    if (running && shown > 0) {
      draw("");
      terminal.print("\r");
      terminal.flush();
    }
    shown = 0;
    running = false;
  }

  @Override
  public void close() {
    end();
  }
}
