package athanor.job.session;

import athanor.job.MergeForecast;
import athanor.job.MergeReport;
import athanor.job.MergeRun;
import athanor.job.PreparedMerge;
import athanor.job.ProgramVersion;
import athanor.job.input.Inputs;
import athanor.job.input.KnownInput;
import athanor.kernel.Kernels;
import athanor.progress.Progress;
import athanor.recipe.Recipe;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** LoRAs into a checkpoint. */
final class CheckpointWork extends MergeWork<PreparedMerge> {
  CheckpointWork(Recipe recipe, Place place) {
    super(recipe, place);
  }

  @Override
  PreparedMerge open(Recipe recipe, Inputs files) {
    return PreparedMerge.of(recipe, files);
  }

  @Override
  PreparedMerge again(PreparedMerge earlier, Predicate<Path> hasArrived) {
    return earlier.again(hasArrived);
  }

  @Override
  Optional<MergeForecast> preview() {
    return Optional.of(forecast(Progress.NONE));
  }

  @Override
  MergeForecast forecast(Progress progress) {
    return merging(progress).forecast(inputs(), place().target());
  }

  @Override
  boolean isDone() {
    return merging(Progress.NONE).isResult(place().target().path(), inputs());
  }

  @Override
  void warn() {
    inputs().warnings().forEach(place().listener()::warn);
    inputs().leftOut().forEach(place().listener()::warn);
  }

  @Override
  MergeResult run(Progress progress, Supplier<List<KnownInput>> known) {
    MergeReport report = merging(progress).run(inputs(), place().target());
    place().listener().hear(new JobEvent.Merged(inputs(), report));
    return new MergeResult(
        report.output(),
        report.bytes(),
        report.elapsed(),
        report.plan().loras().stream().map(MergeResult.Applied::of).toList(),
        report.warnings(),
        known.get(),
        report.sha256());
  }

  private MergeRun merging(Progress progress) {
    return new MergeRun(
        ProgramVersion.text(),
        Kernels.create(),
        place().threads(),
        progress,
        place().cancellation(),
        place().stamp());
  }
}
