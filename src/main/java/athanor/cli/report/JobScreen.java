package athanor.cli.report;

import athanor.cli.terminal.ProgressDisplay;
import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Signals;
import athanor.job.JudgedInputs;
import athanor.job.LoraMergeRun;
import athanor.job.MergeForecast;
import athanor.job.MergeRun;
import athanor.job.PreparedLoraMerge;
import athanor.job.PreparedMerge;
import athanor.job.session.JobEvent;
import athanor.job.session.JobListener;
import athanor.progress.Progress;
import java.nio.file.Path;

/**
 * Prints what a job tells. A verdict is the result of a rehearsal; of a run it is printed aside,
 * and only where files have to be downloaded. Closed when the job is over.
 */
public final class JobScreen implements JobListener, AutoCloseable {
  private final Screen screen;
  private final boolean rehearsal;
  private final Signals signals;
  private final ProgressDisplay progress;

  private JobScreen(Screen screen, boolean rehearsal, Signals signals) {
    this.screen = screen;
    this.rehearsal = rehearsal;
    this.signals = signals;
    this.progress = ProgressDisplay.on(screen);
  }

  /** Prints a job that is run. */
  public static JobScreen ofRun(Screen screen, Signals signals) {
    return new JobScreen(screen, false, signals);
  }

  /** Prints a job that is only judged. */
  public static JobScreen ofRehearsal(Screen screen, Signals signals) {
    return new JobScreen(screen, true, signals);
  }

  @Override
  public void hear(JobEvent event) {
    switch (event) {
      case JobEvent.At _, JobEvent.Advanced _ -> {}
      case JobEvent.Note(String text) -> screen.note(text);
      case JobEvent.Warning(String text) -> screen.warn(text);
      case JobEvent.Judged(JudgedInputs inputs, JobEvent.Moment moment) -> verdict(inputs, moment);
      case JobEvent.Planned(MergeForecast forecast, Path output, JobEvent.Moment moment) ->
          forecast(forecast, output, moment);
      case JobEvent.Declared declared -> new LinkReport(screen).print(declared);
      case JobEvent.Methods methods -> new CompatibilityTable(screen).print(methods.forecasts());
      case JobEvent.Downloads downloads -> new LinkReport(aside()).print(downloads.forecast());
      case JobEvent.Leaves leaves -> signals.leaves(leaves.leftover());
      case JobEvent.Arrived arrived -> new LinkReport(screen).arrived(arrived.input());
      case JobEvent.Merged merged ->
          new MergeSummary(screen).print(merged.inputs(), merged.report());
      case JobEvent.LoraMerged merged -> new MergeSummary(screen).print(merged.report());
      case JobEvent.Permitted permitted -> new PushReport(screen).plan(permitted.permission());
      case JobEvent.PublicationPlanned planned -> new PushReport(screen).forecast(planned.plan());
      case JobEvent.Published published -> new PushReport(screen).done(published.publication());
    }
  }

  private void verdict(JudgedInputs inputs, JobEvent.Moment moment) {
    if (isShown(moment)) {
      switch (inputs) {
        case PreparedMerge merge -> new CompatibilityTable(aside()).print(merge);
        case PreparedLoraMerge merge when rehearsal -> new CompatibilityTable(screen).print(merge);
        case PreparedLoraMerge _ -> {}
      }
    }
  }

  private void forecast(MergeForecast forecast, Path output, JobEvent.Moment moment) {
    if (isShown(moment)) {
      switch (forecast) {
        case MergeRun.Forecast checkpoint -> new MergeSummary(aside()).print(checkpoint, output);
        case LoraMergeRun.Forecast lora -> new MergeSummary(aside()).print(lora, output);
      }
    }
  }

  private boolean isShown(JobEvent.Moment moment) {
    return rehearsal || moment == JobEvent.Moment.BEFORE_DOWNLOADS;
  }

  /** Where verdicts and forecasts go. */
  private Screen aside() {
    return rehearsal ? screen : screen.aside();
  }

  @Override
  public Progress progress() {
    return progress;
  }

  @Override
  public void close() {
    progress.close();
  }
}
