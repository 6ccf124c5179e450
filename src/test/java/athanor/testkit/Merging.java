package athanor.testkit;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.job.MergeReport;
import athanor.job.MergeRun;
import athanor.job.PreparedMerge;
import athanor.kernel.Kernels;
import athanor.merge.method.Method;
import athanor.merge.method.mix.MixMethods;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Strength;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.CheckpointEdits;
import athanor.recipe.LoraInput;
import athanor.recipe.MixInput;
import athanor.recipe.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs whole merges of files, as the command line does. */
public final class Merging {
  private static final Kernels KERNELS = Kernels.create();

  private final Path base;
  private final List<LoraInput> loras;
  private final List<MixInput> mix = new ArrayList<>();
  private Method method = MixMethods.LIST.standard();
  private MergeOptions options = MergeOptions.defaults();
  private CheckpointEdits edits = CheckpointEdits.none();
  private boolean overwrite = false;
  private boolean hashed = false;
  private int threads = 2;

  private Merging(Path base, List<LoraInput> loras) {
    this.base = base;
    this.loras = loras;
  }

  /** A merge of these LoRAs into a base. */
  public static Merging of(Path base, LoraInput... loras) {
    return new Merging(base, List.of(loras));
  }

  /** With a checkpoint mixed in. */
  public Merging mix(Path model, double ratio) {
    return mix(model, Strength.of(ratio));
  }

  /** With a checkpoint mixed in. */
  public Merging mix(Path model, Strength strength) {
    mix.add(new MixInput(model, Optional.empty(), strength));
    return this;
  }

  /** With the difference of two checkpoints added. */
  public Merging add(Path model, Path minus, double ratio) {
    mix.add(new MixInput(model, Optional.of(minus), Strength.of(ratio)));
    return this;
  }

  /** By this method. */
  public Merging method(Method other) {
    this.method = other;
    return this;
  }

  /** With these options. */
  public Merging options(MergeOptions options) {
    this.options = options;
    return this;
  }

  /** With these changes of the base. */
  public Merging edits(CheckpointEdits edits) {
    this.edits = edits;
    return this;
  }

  /** Replaces an existing output. */
  public Merging overwriting() {
    this.overwrite = true;
    return this;
  }

  /** Computes the SHA-256 of the output while it is written. */
  public Merging hashed() {
    this.hashed = true;
    return this;
  }

  /** With this many workers. */
  public Merging threads(int threads) {
    this.threads = threads;
    return this;
  }

  /** Runs it. */
  public MergeReport into(Path output) {
    OutputTarget target = OutputTarget.of(output, overwrite);
    try (PreparedMerge merge = prepare()) {
      return new MergeRun("test", KERNELS, threads, Progress.NONE, new Cancellation())
          .run(merge, hashed ? target.hashed() : target);
    }
  }

  /** Opens and judges the inputs. */
  public PreparedMerge prepare() {
    return PreparedMerge.of(
        new Recipe(Optional.of(base), mix, loras, options, edits, method, false));
  }

  /** Runs it and returns the problem that stops it. */
  public Problem failureInto(Path output) {
    try {
      into(output);
    } catch (AthanorException e) {
      return e.problem();
    }
    throw new AssertionError("the merge succeeded");
  }
}
