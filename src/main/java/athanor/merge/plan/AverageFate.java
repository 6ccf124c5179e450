package athanor.merge.plan;

/** What becomes of the moving average of the weights that trainers keep beside a denoiser (EMA). */
public enum AverageFate {
  /** It stays as it is, without the LoRAs. */
  KEPT,
  /** It is left out of the result. */
  LEFT_OUT,
  /** It gets the same LoRAs as the weights that it is the average of. */
  MERGED_TOO
}
