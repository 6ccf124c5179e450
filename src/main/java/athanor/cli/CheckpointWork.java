package athanor.cli;

import athanor.job.MergeRun;
import athanor.job.PreparedMerge;
import athanor.kernel.Kernels;
import athanor.merge.MergeReport;
import athanor.progress.Progress;
import athanor.recipe.Recipe;
import java.nio.file.Path;
import java.util.Optional;

/** LoRAs into a checkpoint. */
final class CheckpointWork implements MergeWork {
  private final Recipe recipe;
  private final Place place;

  CheckpointWork(Recipe recipe, Place place) {
    this.recipe = recipe;
    this.place = place;
  }

  @Override
  public Path output() {
    return place.target().path();
  }

  @Override
  public long judge(boolean first) {
    try (PreparedMerge merge = PreparedMerge.of(recipe, place.inputs())) {
      if (first) {
        forecast(merge, place.screen().aside());
      }
      return work(Progress.NONE).forecast(merge, place.target()).layout().size();
    }
  }

  @Override
  public boolean isDone() {
    try (PreparedMerge merge = PreparedMerge.of(recipe, place.inputs())) {
      return work(Progress.NONE).isResult(output(), merge);
    }
  }

  @Override
  public void rehearse() {
    try (PreparedMerge merge = open()) {
      forecast(merge, place.screen());
    }
  }

  @Override
  public Optional<String> run() {
    try (PreparedMerge merge = open()) {
      MergeReport report;
      try (var progress = ProgressDisplay.on(place.screen())) {
        report = work(progress).run(merge, place.target());
      }
      new MergeSummary(place.screen()).print(merge, report);
      return report.sha256();
    }
  }

  private PreparedMerge open() {
    PreparedMerge merge = PreparedMerge.of(recipe, place.inputs());
    merge.warnings().forEach(place.screen()::warn);
    merge.leftOut().forEach(place.screen()::warn);
    return merge;
  }

  private void forecast(PreparedMerge merge, Screen screen) {
    new CompatibilityTable(screen).print(merge);
    MergeRun.Forecast forecast = work(Progress.NONE).forecast(merge, place.target());
    new MergeSummary(screen).print(forecast, output());
  }

  private MergeRun work(Progress progress) {
    return new MergeRun(
        Version.text(), Kernels.create(), place.threads(), progress, place.cancellation());
  }
}
