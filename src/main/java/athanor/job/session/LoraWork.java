package athanor.job.session;

import athanor.job.LoraMergeReport;
import athanor.job.LoraMergeRun;
import athanor.job.MergeForecast;
import athanor.job.PreparedLoraMerge;
import athanor.job.ProgramVersion;
import athanor.job.input.Inputs;
import athanor.job.input.KnownInput;
import athanor.kernel.Kernels;
import athanor.merge.method.LoraMergePlan;
import athanor.merge.method.LoraMethod;
import athanor.merge.plan.Precision;
import athanor.progress.Progress;
import athanor.recipe.Recipe;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** LoRAs into one LoRA. */
final class LoraWork extends MergeWork<PreparedLoraMerge> {
  private final LoraMethod method;
  private @Nullable Planned planned;

  private record Planned(PreparedLoraMerge merge, LoraMergePlan plan) {}

  LoraWork(Recipe recipe, LoraMethod method, Place place) {
    super(recipe, place);
    this.method = method;
  }

  @Override
  PreparedLoraMerge open(Recipe recipe, Inputs files) {
    return PreparedLoraMerge.of(recipe, files);
  }

  @Override
  PreparedLoraMerge again(PreparedLoraMerge earlier, Predicate<Path> hasArrived) {
    return earlier.again(hasArrived);
  }

  /** The plan of the inputs as they are at hand, made once. */
  private LoraMergePlan plan(Progress progress) {
    PreparedLoraMerge merge = inputs();
    Planned known = planned;
    if (known == null || known.merge() != merge) {
      known = new Planned(merge, merging(progress).plan(merge, method, output()));
      planned = known;
    }
    return known.plan();
  }

  @Override
  Optional<MergeForecast> preview() {
    if (showsInValuesAlone()) {
      inputs().loras();
    } else {
      plan(Progress.NONE);
    }
    return Optional.empty();
  }

  /** Whether the ranks can be told from the values alone, which are read when the work begins. */
  private boolean showsInValuesAlone() {
    return method.needsValues();
  }

  @Override
  MergeForecast forecast(Progress progress) {
    place().target().refuseInputs(inputs().files());
    LoraMergePlan plan = plan(progress);
    return merging(progress).forecast(inputs(), plan, place().target());
  }

  @Override
  boolean isDone() {
    PreparedLoraMerge merge = inputs();
    return !showsInValuesAlone()
        && merging(Progress.NONE).isResult(output(), merge, plan(Progress.NONE));
  }

  @Override
  void warn() {
    notePrecision();
    inputs().warnings().forEach(place().listener()::warn);
  }

  /** Tells of a precision that changes nothing. */
  private void notePrecision() {
    if (recipe().options().precision() != Precision.FLOAT && !method.usesPrecision()) {
      place()
          .listener()
          .note("--precision matters to --method kohya only; LoRAs are merged in float32");
    }
  }

  @Override
  MergeResult run(Progress progress, Supplier<List<KnownInput>> known) {
    Instant start = Instant.now();
    place().target().refuseInputs(inputs().files());
    LoraMergePlan plan = plan(progress);
    LoraMergeReport report = merging(progress).run(inputs(), plan, start, place().target());
    place().listener().hear(new JobEvent.LoraMerged(report));
    return new MergeResult(
        report.output(),
        report.written().bytes(),
        report.elapsed(),
        report.plan().loras().stream().map(MergeResult.Applied::of).toList(),
        report.warnings(),
        known.get(),
        report.written().sha256());
  }

  private Path output() {
    return place().target().path();
  }

  private LoraMergeRun merging(Progress progress) {
    return new LoraMergeRun(
        ProgramVersion.text(),
        Kernels.create(),
        place().threads(),
        progress,
        place().cancellation(),
        place().stamp());
  }
}
