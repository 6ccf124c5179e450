package athanor.merge.plan;

import java.util.Optional;

/**
 * How a merge computes and what it stores.
 *
 * @param precision the precision of the arithmetic; FLOAT accumulates in float32 and rounds once,
 *     the others round after every step as kohya's script does
 * @param savePrecision the stored precision of floating-point weights; empty keeps each tensor's
 *     own
 * @param writeMetadata whether the result says how it was made; otherwise it keeps only what the
 *     base had
 * @param skipIncompatible whether LoRAs that do not fit are left out instead of stopping the merge
 * @param allowNonFinite whether infinities that the merge created may be written
 * @param allowPartial whether LoRAs of which more than half has no place in the base are merged all
 *     the same
 * @param average what becomes of the moving average that trainers keep beside the UNet
 */
public record MergeOptions(
    Precision precision,
    Optional<Precision> savePrecision,
    boolean writeMetadata,
    boolean skipIncompatible,
    boolean allowNonFinite,
    boolean allowPartial,
    AverageFate average) {

  /** Options that leave nothing out of the result, and refuse LoRAs that would be left out. */
  public MergeOptions(
      Precision precision,
      Optional<Precision> savePrecision,
      boolean writeMetadata,
      boolean skipIncompatible,
      boolean allowNonFinite) {
    this(
        precision,
        savePrecision,
        writeMetadata,
        skipIncompatible,
        allowNonFinite,
        false,
        AverageFate.KEPT);
  }

  /** Float32 arithmetic, the base's own types, metadata written, nothing tolerated. */
  public static MergeOptions defaults() {
    return new MergeOptions(Precision.FLOAT, Optional.empty(), true, false, false);
  }
}
