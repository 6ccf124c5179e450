package athanor.merge.method;

import athanor.error.Problem;
import athanor.merge.lora.LoraFormat;
import java.util.Optional;

/**
 * How LoRAs are merged into one.
 *
 * @param method the method
 * @param limits how far ranks go down; for {@link MergeMethod#SVD} only
 * @param concatenate for {@link MergeMethod#KOHYA} only: its {@code --concat}
 * @param format the spelling of the result; kohya's method knows only {@link LoraFormat#KOHYA}
 */
public record LoraMergeOptions(
    MergeMethod method, RankLimits limits, boolean concatenate, LoraFormat format) {

  /** What {@code keep} may be, for messages. */
  public static final String SHARE = "more than 0 and at most 1, such as 0.999";

  /**
   * Options from what a user says, of which most may be left out: a limit of rank means {@link
   * MergeMethod#SVD}, nothing means {@link MergeMethod#EXACT}.
   *
   * @throws athanor.error.AthanorException of kind USAGE if two of them contradict each other
   */
  public static LoraMergeOptions of(
      Optional<MergeMethod> wished, RankLimits limits, boolean concat, Optional<LoraFormat> names) {
    boolean reduces = !limits.equals(RankLimits.NONE);
    MergeMethod method = wished.orElse(reduces ? MergeMethod.SVD : MergeMethod.EXACT);
    LoraFormat format = names.orElse(LoraFormat.KOHYA);
    if (method == MergeMethod.SVD && !reduces) {
      throw Problem.usage("method svd needs to know how far to reduce")
          .expected("a rank, or a share of the energy to keep")
          .help("add --rank 32, or --keep 0.999 (in a recipe: rank: 32, or keep: 0.999)")
          .toException();
    }
    if (method != MergeMethod.SVD && reduces) {
      throw Problem.usage("rank, conv-rank and keep are for method svd")
          .found("method " + method)
          .help("leave out the method, or the ranks")
          .toException();
    }
    if (method == MergeMethod.SVD && concat) {
      throw Problem.usage("concat keeps all ranks, rank and keep reduce them")
          .help("leave out one of them")
          .toException();
    }
    if (method == MergeMethod.KOHYA && format != LoraFormat.KOHYA) {
      throw Problem.usage("kohya's method writes kohya's names only")
          .found("format " + format)
          .help("leave out the format or the method")
          .toException();
    }
    return new LoraMergeOptions(method, limits, concat, format);
  }

  /** Exact, in kohya's spelling. */
  public static LoraMergeOptions defaults() {
    return new LoraMergeOptions(MergeMethod.EXACT, RankLimits.NONE, false, LoraFormat.KOHYA);
  }

  /** The method with what matters to it, such as {@code svd to rank 32}. */
  public String text() {
    var text = new StringBuilder(method.toString());
    if (method == MergeMethod.SVD) {
      limits.rank().ifPresent(rank -> text.append(" to rank ").append(rank));
      limits.convRank().ifPresent(rank -> text.append(", convolutions to rank ").append(rank));
      limits.keep().ifPresent(share -> text.append(", keeping ").append(share));
    }
    if (method == MergeMethod.KOHYA && concatenate) {
      text.append(" concat");
    }
    return text.toString();
  }
}
