package athanor.web.bench;

import athanor.job.LoraMergeRun;
import athanor.job.MergeRun;
import athanor.job.PreparedLoraMerge;
import athanor.job.PreparedMerge;
import athanor.job.session.JobEvent;
import athanor.job.session.JobListener;
import athanor.job.session.Leftover;
import athanor.job.session.Stage;
import athanor.report.BaseFile;
import athanor.report.CompanionLora;
import athanor.report.DeclaredBase;
import athanor.report.DeclaredLora;
import athanor.report.Download;
import athanor.report.Event;
import athanor.report.FittingLora;
import athanor.report.Forecast;
import athanor.report.MergedCheckpoint;
import athanor.report.MergedLora;
import athanor.report.PublishedFiles;
import athanor.report.PublishingPlan;
import athanor.report.Result;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Keeps what a job tells as the records that its command prints. Thread-safe. */
final class Hearing implements JobListener {
  private static final int MOST_SENTENCES = 200;

  private final Changes changes;
  private final List<String> notes = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private Optional<Stage> stage = Optional.empty();
  private Optional<Event.Advance> advance = Optional.empty();
  private long began = System.nanoTime();
  private Leftover leftover = Leftover.NOTHING;
  private Optional<Result> base = Optional.empty();
  private List<Result> rows = List.of();
  private List<Download> downloads = List.of();
  private Optional<Forecast> forecast = Optional.empty();
  private Optional<Result> result = Optional.empty();

  Hearing(Changes changes) {
    this.changes = changes;
  }

  /**
   * What was heard.
   *
   * @param stage such as {@code downloading}; empty before the first
   * @param advance how far it is
   * @param notes sentences worth knowing
   * @param warnings sentences that the user should know
   * @param leftover what is left if it is cancelled now
   * @param base the verdict on the base
   * @param rows the verdict on each LoRA, in their order
   * @param downloads what would be, or is, downloaded
   * @param forecast what the result takes
   * @param result what came out
   */
  record Heard(
      String stage,
      Optional<Event.Advance> advance,
      List<String> notes,
      List<String> warnings,
      Leftover leftover,
      Optional<Result> base,
      List<Result> rows,
      List<Download> downloads,
      Optional<Forecast> forecast,
      Optional<Result> result) {}

  /** What was heard up to now. */
  synchronized Heard heard() {
    return new Heard(
        stage.map(now -> now.name().toLowerCase(Locale.ROOT)).orElse(""),
        advance,
        List.copyOf(notes),
        List.copyOf(warnings),
        leftover,
        base,
        rows,
        downloads,
        forecast,
        result);
  }

  @Override
  public void hear(JobEvent event) {
    synchronized (this) {
      take(event);
    }
    changes.happened();
  }

  private void take(JobEvent event) {
    switch (event) {
      case JobEvent.At(Stage now) -> stage = Optional.of(now);
      case JobEvent.Note(String text) -> add(notes, text);
      case JobEvent.Warning(String text) -> add(warnings, text);
      case JobEvent.Judged judged -> judge(judged);
      case JobEvent.Planned planned -> forecast = Optional.of(forecast(planned));
      case JobEvent.Declared declared -> {
        base = Optional.of(DeclaredBase.of(declared.check()));
        rows = List.copyOf(DeclaredLora.of(declared.check()));
        downloads = Download.of(declared.downloads());
      }
      case JobEvent.Methods _, JobEvent.Permitted _ -> {}
      case JobEvent.Downloads fetched -> downloads = Download.of(fetched.forecast());
      case JobEvent.Leaves leaves -> leftover = leaves.leftover();
      case JobEvent.Arrived arrived ->
          add(notes, arrived.input().file().localName() + " is on this computer");
      case JobEvent.Advanced advanced -> advance(advanced);
      case JobEvent.Merged merged ->
          result = Optional.of(MergedCheckpoint.of(merged.inputs(), merged.report()));
      case JobEvent.LoraMerged merged -> result = Optional.of(MergedLora.of(merged.report()));
      case JobEvent.PublicationPlanned planned ->
          result = Optional.of(PublishingPlan.of(planned.plan()));
      case JobEvent.Published published ->
          result = Optional.of(PublishedFiles.of(published.publication()));
    }
  }

  private void judge(JobEvent.Judged judged) {
    switch (judged.inputs()) {
      case PreparedMerge merge -> {
        base = Optional.of(BaseFile.of(merge));
        rows = merge.candidates().stream().<Result>map(FittingLora::of).toList();
      }
      case PreparedLoraMerge merge ->
          rows = merge.candidates().stream().<Result>map(CompanionLora::of).toList();
    }
  }

  private static Forecast forecast(JobEvent.Planned planned) {
    Path output = planned.output();
    return switch (planned.forecast()) {
      case MergeRun.Forecast checkpoint -> Forecast.of(checkpoint, output);
      case LoraMergeRun.Forecast lora -> Forecast.of(lora, output);
    };
  }

  private void advance(JobEvent.Advanced now) {
    boolean goesOn = advance.filter(last -> last.activity().equals(now.activity())).isPresent();
    if (!goesOn) {
      began = System.nanoTime();
    }
    advance =
        Optional.of(
            new Event.Advance(
                now.activity(),
                now.bytes(),
                now.totalBytes(),
                now.items(),
                now.totalItems(),
                Math.round((System.nanoTime() - began) / 1e6) / 1e3));
  }

  private static void add(List<String> sentences, String text) {
    if (sentences.size() < MOST_SENTENCES && !sentences.contains(text)) {
      sentences.add(text);
    }
  }
}
