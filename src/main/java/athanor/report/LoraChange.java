package athanor.report;

import athanor.job.LoraReport;
import athanor.merge.lora.ModuleChange;
import athanor.merge.lora.ModuleChanges;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * A LoRA that was made from a larger one, or from the difference of two checkpoints.
 *
 * @param output the file
 * @param bytes its size
 * @param bytesBefore the size of what it was made from
 * @param modules number of its modules
 * @param rank its ranks in words
 * @param rankBefore the ranks before
 * @param relativeError ‖difference‖ / ‖whole effect‖ over all there was
 * @param worst the module with the largest error
 * @param seconds of the whole run
 * @param all every module
 */
public record LoraChange(
    String output,
    long bytes,
    long bytesBefore,
    int modules,
    String rank,
    String rankBefore,
    double relativeError,
    @Inline Optional<Worst> worst,
    double seconds,
    @ForText List<Module> all) {

  /**
   * The module with the largest error.
   *
   * @param worstModule its name
   * @param worstRelativeError its error
   */
  public record Worst(String worstModule, double worstRelativeError) {}

  /**
   * A module.
   *
   * @param name its name
   * @param rankBefore its rank before
   * @param rank its rank
   * @param relativeError its error
   */
  public record Module(String name, int rankBefore, int rank, double relativeError) {}

  static LoraChange of(LoraReport report) {
    ModuleChanges result = report.result();
    return new LoraChange(
        report.output().toString(),
        report.bytes(),
        report.bytesBefore(),
        result.all().size(),
        ranks(result, ModuleChange::rank),
        ranks(result, ModuleChange::rankBefore),
        result.relativeError(),
        result.worst().map(worst -> new Worst(worst.module(), worst.relativeError())),
        report.elapsed().toMillis() / 1e3,
        result.all().stream()
            .map(m -> new Module(m.module(), m.rankBefore(), m.rank(), m.relativeError()))
            .toList());
  }

  /** {@code 32}, or {@code 2–48, 13.5 on average}. */
  private static String ranks(ModuleChanges result, ToIntFunction<ModuleChange> rank) {
    IntSummaryStatistics ranks = result.all().stream().mapToInt(rank).summaryStatistics();
    return ranks.getMin() == ranks.getMax()
        ? Integer.toString(ranks.getMin())
        : String.format(
            Locale.ROOT,
            "%d–%d, %.1f on average",
            ranks.getMin(),
            ranks.getMax(),
            ranks.getAverage());
  }
}
