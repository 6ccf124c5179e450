package athanor.job;

import athanor.merge.lora.LoraFormat;
import athanor.merge.method.RankLimits;
import athanor.tensor.DType;
import java.util.Optional;

/**
 * What a conversion changes. What is not named here stays byte for byte.
 *
 * @param savePrecision the type of weights
 * @param format the spelling of a LoRA's names
 * @param pruneEma whether the moving averages of a trainer are left out
 * @param keepMetadata whether the text metadata is kept, less hashes that no longer hold
 * @param allowNonFinite whether values too large for the type may become infinite
 * @param asLora the limits of the ranks, if a LoRA of another format is to become plain pairs
 * @param layout the layout of a checkpoint
 */
public record ConvertOptions(
    Optional<DType> savePrecision,
    Optional<LoraFormat> format,
    boolean pruneEma,
    boolean keepMetadata,
    boolean allowNonFinite,
    Optional<RankLimits> asLora,
    Optional<String> layout) {

  /** A conversion that leaves the layout of a checkpoint as it is. */
  public ConvertOptions(
      Optional<DType> savePrecision,
      Optional<LoraFormat> format,
      boolean pruneEma,
      boolean keepMetadata,
      boolean allowNonFinite,
      Optional<RankLimits> asLora) {
    this(savePrecision, format, pruneEma, keepMetadata, allowNonFinite, asLora, Optional.empty());
  }

  /** A conversion that leaves the format of a LoRA as it is. */
  public ConvertOptions(
      Optional<DType> savePrecision,
      Optional<LoraFormat> format,
      boolean pruneEma,
      boolean keepMetadata,
      boolean allowNonFinite) {
    this(savePrecision, format, pruneEma, keepMetadata, allowNonFinite, Optional.empty());
  }
}
