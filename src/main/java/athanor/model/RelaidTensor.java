package athanor.model;

import athanor.tensor.Rows.Run;
import athanor.tensor.TensorInfo;
import java.util.List;

/**
 * A tensor of a checkpoint in another layout: rows of tensors of this one, one after another.
 *
 * @param output key, type and shape there
 * @param pieces where its rows come from, in order
 */
public record RelaidTensor(TensorInfo output, List<Piece> pieces) {

  /**
   * Rows of a tensor.
   *
   * @param tensor the tensor of the checkpoint
   * @param rows neighbouring rows of it
   */
  public record Piece(TensorInfo tensor, Run rows) {}

  /** Copies the list. */
  public RelaidTensor {
    pieces = List.copyOf(pieces);
  }

  /** A tensor that is the same in both. */
  public static RelaidTensor same(TensorInfo tensor) {
    return new RelaidTensor(tensor, List.of(new Piece(tensor, new Run(0, tensor.shape().rows()))));
  }
}
