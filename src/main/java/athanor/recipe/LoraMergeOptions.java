package athanor.recipe;

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
