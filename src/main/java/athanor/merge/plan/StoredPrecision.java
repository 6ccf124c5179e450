package athanor.merge.plan;

import athanor.model.CheckpointModel;
import athanor.tensor.TensorInfo;

/** Which tensors of a checkpoint a wanted precision applies to. */
public final class StoredPrecision {
  private StoredPrecision() {}

  /**
   * Whether a tensor takes another precision: floating-point weights of the unet, the text encoders
   * and the vae do; schedules, EMA weights, position ids and markers keep theirs.
   */
  public static boolean appliesTo(TensorInfo tensor, CheckpointModel model) {
    if (!tensor.dtype().isArithmetic()) {
      return false;
    }
    return switch (model.componentOf(tensor.key())) {
      case UNET, TRANSFORMER, TEXT_ENCODER, TEXT_ENCODER_2, TEXT_ENCODER_3, VAE ->
          !tensor.key().endsWith(".position_ids");
      case EMA, SCHEDULE, OTHER -> false;
    };
  }
}
