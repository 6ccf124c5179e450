package athanor.cli.terminal;

import java.util.Locale;

/** Shows progress as another display does, and says after each stage how long it took. */
public final class TimedProgress implements ProgressDisplay {
  private final ProgressDisplay shown;
  private final Screen screen;
  private String activity = "";
  private long begun;
  private long bytes;
  private int items;

  TimedProgress(ProgressDisplay shown, Screen screen) {
    this.shown = shown;
    this.screen = screen;
  }

  @Override
  public synchronized void begin(String activity, long totalBytes, int totalItems) {
    this.activity = activity;
    begun = System.nanoTime();
    bytes = 0;
    items = 0;
    shown.begin(activity, totalBytes, totalItems);
  }

  @Override
  public synchronized void advance(long moreBytes, int moreItems) {
    bytes += moreBytes;
    items += moreItems;
    shown.advance(moreBytes, moreItems);
  }

  @Override
  public synchronized void end() {
    shown.end();
    if (!activity.isEmpty()) {
      double seconds = (System.nanoTime() - begun) / 1e9;
      screen.debug(
          String.format(
              Locale.ROOT,
              "%s: %.3f s, %s, %d items",
              activity,
              seconds,
              Sizes.bytes(bytes),
              items));
      activity = "";
    }
  }

  @Override
  public void close() {
    end();
    shown.close();
  }
}
