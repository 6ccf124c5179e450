package athanor.model;

import athanor.model.table.KeySet;
import athanor.tensor.TensorInfo;
import java.util.List;

/**
 * How checkpoints of one architecture are laid out: what makes them mergeable. Immutable and
 * thread-safe.
 */
public interface Layout {

  /** The tensors of a complete checkpoint in the order of their keys: float32, but for integers. */
  List<TensorInfo> reference();

  /**
   * Describes a file that was recognised.
   *
   * @param keys its tensors
   * @param prefix what the keys of its denoiser begin with; may be empty
   */
  CheckpointModel read(KeySet keys, String prefix);

  /**
   * Whether kohya's trainers change a module.
   *
   * @param target one of a checkpoint's targets
   * @param convolutions whether the trainer was told to change the convolutions of residual blocks
   *     too
   */
  boolean isTrained(Target target, boolean convolutions);
}
