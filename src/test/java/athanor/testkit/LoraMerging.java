package athanor.testkit;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.job.LoraMergeReport;
import athanor.job.LoraMergeRun;
import athanor.job.PreparedLoraMerge;
import athanor.kernel.Kernels;
import athanor.merge.lora.LoraFormat;
import athanor.merge.method.Concatenation;
import athanor.merge.method.HistoricSum;
import athanor.merge.method.LoraMethod;
import athanor.merge.method.LoraMethods;
import athanor.merge.method.RankLimits;
import athanor.merge.method.Recompression;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Precision;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.LoraInput;
import athanor.recipe.Recipe;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** Runs whole merges of LoRAs into one LoRA, as the command line does. */
public final class LoraMerging {
  private static final Kernels KERNELS = Kernels.create();

  private final List<LoraInput> loras;
  private LoraMethod method = LoraMethods.standard();
  private MergeOptions options = MergeOptions.defaults();
  private int threads = 2;

  private LoraMerging(List<LoraInput> loras) {
    this.loras = loras;
  }

  /** A merge of these LoRAs. */
  public static LoraMerging of(LoraInput... loras) {
    return new LoraMerging(List.of(loras));
  }

  /** By svd to this rank. */
  public LoraMerging rank(int rank) {
    return limits(
        new RankLimits(OptionalInt.of(rank), OptionalInt.empty(), OptionalDouble.empty()));
  }

  /** By svd within these limits. */
  public LoraMerging limits(RankLimits limits) {
    method = new Recompression(limits, LoraFormat.KOHYA);
    return this;
  }

  /** By kohya's method. */
  public LoraMerging kohya(boolean concatenate) {
    method = new HistoricSum(concatenate);
    return this;
  }

  /** Exact, under the names of PEFT. */
  public LoraMerging peft() {
    method = new Concatenation(false, LoraFormat.PEFT);
    return this;
  }

  /** With these options. */
  public LoraMerging options(MergeOptions options) {
    this.options = options;
    return this;
  }

  /** Stored in this precision. */
  public LoraMerging saved(Precision precision) {
    return options(new MergeOptions(Precision.FLOAT, Optional.of(precision), true, false, false));
  }

  /** With this many workers. */
  public LoraMerging threads(int threads) {
    this.threads = threads;
    return this;
  }

  /** Runs it. */
  public LoraMergeReport into(Path output) {
    try (PreparedLoraMerge merge = prepare()) {
      return run().run(merge, method, OutputTarget.of(output, false));
    }
  }

  /** What plans and runs it. */
  public LoraMergeRun run() {
    return new LoraMergeRun("test", KERNELS, threads, Progress.NONE, new Cancellation());
  }

  /** Opens and judges the inputs. */
  public PreparedLoraMerge prepare() {
    return PreparedLoraMerge.of(new Recipe(Optional.empty(), loras, options, false));
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
