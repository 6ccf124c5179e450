package athanor.cli.terminal;

import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A progress bar on a terminal: share, bytes, time and time left, rate, tensors. */
public final class ProgressLine implements ProgressDisplay {
  private static final int REDRAW_MILLIS = 100;
  private static final long UNIT_BYTES = 1_000_000;

  private final PrintStream terminal;
  private final int width;
  private @Nullable ProgressBar bar;
  private int items;
  private int totalItems;
  private boolean countsBytes;

  ProgressLine(PrintStream terminal, int width) {
    this.terminal = terminal;
    this.width = width;
  }

  @Override
  public synchronized void begin(String activity, long totalBytes, int totalItems) {
    end();
    this.items = 0;
    this.totalItems = totalItems;
    this.countsBytes = totalBytes > 0;
    bar =
        new ProgressBarBuilder()
            .setTaskName(activity)
            .setInitialMax(countsBytes ? totalBytes : totalItems)
            .setUnit(countsBytes ? " MB" : "", countsBytes ? UNIT_BYTES : 1)
            .showSpeed()
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(REDRAW_MILLIS)
            .clearDisplayOnFinish()
            .setConsumer(new ConsoleProgressBarConsumer(terminal, width))
            .build();
  }

  @Override
  public synchronized void advance(long bytes, int items) {
    if (bar == null) {
      return;
    }
    this.items += items;
    bar.stepBy(countsBytes ? bytes : items);
    if (totalItems > 0) {
      bar.setExtraMessage(" " + this.items + "/" + totalItems + " tensors");
    }
  }

  @Override
  public synchronized void end() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  @Override
  public void close() {
    end();
  }
}
