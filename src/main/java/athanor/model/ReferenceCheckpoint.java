package athanor.model;

import athanor.tensor.DType;
import athanor.tensor.TensorInfo;
import java.util.List;
import java.util.Optional;

/**
 * The tensors of a complete checkpoint of an architecture, as keys and shapes: what a merge of
 * LoRAs without a base resolves names against, what an incomplete file is compared with, and what
 * generated test files look like.
 *
 * <p>SD 1.x and SD 2.x have the schedule vectors that published files have; none has EMA, and SDXL
 * has none of the markers of v-prediction.
 */
public final class ReferenceCheckpoint {
  private ReferenceCheckpoint() {}

  /**
   * The tensors in the order of their keys: float32, position ids int64.
   *
   * @return empty for architectures that are not mergeable
   */
  public static Optional<List<TensorInfo>> of(Architecture architecture) {
    return architecture.layout().map(Layout::reference);
  }

  /** As {@link #of(Architecture)}, with all but the integers stored as {@code dtype}. */
  public static Optional<List<TensorInfo>> of(Architecture architecture, DType dtype) {
    return of(architecture)
        .map(tensors ->
            tensors.stream().map(t -> t.dtype() == DType.F32 ? t.withDType(dtype) : t).toList());
  }
}
