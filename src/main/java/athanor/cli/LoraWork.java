package athanor.cli;

import athanor.job.LoraMergeReport;
import athanor.job.LoraMergeRun;
import athanor.job.PreparedLoraMerge;
import athanor.kernel.Kernels;
import athanor.merge.method.LoraMethod;
import athanor.merge.plan.Precision;
import athanor.progress.Progress;
import athanor.recipe.Recipe;
import java.nio.file.Path;
import java.util.Optional;

/** LoRAs into one LoRA. */
final class LoraWork implements MergeWork {
  private final Recipe recipe;
  private final LoraMethod method;
  private final Place place;

  LoraWork(Recipe recipe, LoraMethod method, Place place) {
    this.recipe = recipe;
    this.method = method;
    this.place = place;
  }

  @Override
  public Path output() {
    return place.target().path();
  }

  @Override
  public long judge(boolean first) {
    try (PreparedLoraMerge merge = PreparedLoraMerge.of(recipe, place.inputs())) {
      if (method.needsValues()) {
        // The ranks to keep show in the values alone.
        merge.loras();
      } else {
        work(Progress.NONE).plan(merge, method, output());
      }
      return 0;
    }
  }

  @Override
  public boolean isDone() {
    boolean needsValues = method.needsValues();
    try (PreparedLoraMerge merge = PreparedLoraMerge.of(recipe, place.inputs())) {
      return !needsValues && work(Progress.NONE).isResult(output(), merge, method);
    }
  }

  @Override
  public void rehearse() {
    try (PreparedLoraMerge merge = open();
        var progress = ProgressDisplay.on(place.screen())) {
      new CompatibilityTable(place.screen()).print(merge);
      LoraMergeRun.Forecast forecast = work(progress).forecast(merge, method, place.target());
      new MergeSummary(place.screen()).print(forecast, output());
    }
  }

  @Override
  public Optional<String> run() {
    try (PreparedLoraMerge merge = open();
        var progress = ProgressDisplay.on(place.screen())) {
      LoraMergeReport report = work(progress).run(merge, method, place.target());
      new MergeSummary(place.screen()).print(report);
      return report.written().sha256();
    }
  }

  private PreparedLoraMerge open() {
    if (recipe.options().precision() != Precision.FLOAT && !method.usesPrecision()) {
      place
          .screen()
          .note("--precision matters to --method kohya only; LoRAs are merged in float32");
    }
    PreparedLoraMerge merge = PreparedLoraMerge.of(recipe, place.inputs());
    merge.warnings().forEach(place.screen()::warn);
    return merge;
  }

  private LoraMergeRun work(Progress progress) {
    return new LoraMergeRun(
        Version.text(), Kernels.create(), place.threads(), progress, place.cancellation());
  }
}
