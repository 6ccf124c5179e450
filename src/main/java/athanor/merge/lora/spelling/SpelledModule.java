package athanor.merge.lora.spelling;

import athanor.adapter.AdapterModule;
import athanor.tensor.TensorInfo;
import java.util.Optional;

/**
 * A module under its name in another spelling.
 *
 * @param name its name there
 * @param module the module of the file that it comes from, or one of several
 * @param pair its low-rank pair; empty if it is of another format
 */
record SpelledModule(String name, AdapterModule module, Optional<Pair> pair) {

  /**
   * A low-rank pair.
   *
   * @param up the left factor
   * @param down the right factor
   * @param scale what their product is multiplied by
   * @param alpha the alpha of the file, where it still gives that scale
   */
  record Pair(Factor up, Factor down, double scale, Optional<TensorInfo> alpha) {
    /** The inner dimension. */
    long rank() {
      return down.shape().rows();
    }
  }
}
