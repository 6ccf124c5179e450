package athanor.cli.terminal;

import athanor.report.Event;
import athanor.report.JsonLine;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Progress where no line can be rewritten: a line now and then, at most every five seconds. */
public final class ProgressLog implements ProgressDisplay {
  private static final long INTERVAL_NANOS = Duration.ofSeconds(5).toNanos();

  /** How a line looks. */
  enum Form {
    PLAIN,
    JSON
  }

  private final Consumer<String> lines;
  private final Form form;
  private final LongSupplier nanos;
  private String activity = "";
  private long totalBytes;
  private int totalItems;
  private long bytes;
  private int items;
  private long begun;
  private long lastLine;
  private Pace pace = new Pace();

  ProgressLog(Consumer<String> lines, Form form) {
    this(lines, form, System::nanoTime);
  }

  ProgressLog(Consumer<String> lines, Form form, LongSupplier nanos) {
    this.lines = lines;
    this.form = form;
    this.nanos = nanos;
  }

  @Override
  public synchronized void begin(String activity, long totalBytes, int totalItems) {
    this.activity = activity;
    this.totalBytes = totalBytes;
    this.totalItems = totalItems;
    bytes = 0;
    items = 0;
    begun = nanos.getAsLong();
    pace = new Pace();
    lastLine = begun;
  }

  @Override
  public synchronized void advance(long moreBytes, int moreItems) {
    bytes += moreBytes;
    items += moreItems;
    long now = nanos.getAsLong();
    pace.note((now - begun) / 1e9, bytes);
    if (now - lastLine >= INTERVAL_NANOS) {
      lastLine = now;
      lines.accept(form == Form.JSON ? json(now) : plain());
    }
  }

  private String plain() {
    OptionalDouble rate = pace.rate();
    OptionalDouble left = pace.secondsLeft(totalBytes);
    return String.format(
        Locale.ROOT,
        "%s: %.0f %%, %s of %s%s%s%s",
        activity,
        totalBytes == 0 ? 0 : 100.0 * bytes / totalBytes,
        Sizes.bytes(bytes),
        Sizes.bytes(totalBytes),
        totalItems == 0 ? "" : ", " + items + " of " + totalItems + " tensors",
        rate.isPresent() ? ", " + Sizes.bytes(Math.round(rate.getAsDouble())) + "/s" : "",
        left.isPresent() ? ", " + Sizes.time(left.getAsDouble()) + " left" : "");
  }

  private String json(long now) {
    double seconds = (now - begun) / 1e9;
    return JsonLine.of(new Event.Advance(activity, bytes, totalBytes, items, totalItems, seconds));
  }

  @Override
  public void end() {}

  @Override
  public void close() {}
}
