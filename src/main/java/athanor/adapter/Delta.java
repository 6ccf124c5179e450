package athanor.adapter;

import athanor.model.Target;
import athanor.tensor.Rows;
import athanor.tensor.StateDict;

/**
 * What one module adds to some rows of one checkpoint tensor, before the user's ratio. Its values
 * stay in the file until they are loaded. Shapes are those of the 2-D view {@code [rows, columns]}
 * of the tensor; a delta may be narrower than its tensor ({@code columns} ≤ the tensor's), as for a
 * 4-channel convolution merged into the first channels of an inpainting model.
 */
public sealed interface Delta permits LowRankDelta, DenseDelta {
  /** The file that holds the values. */
  StateDict source();

  /** The module, as the file spells it. */
  String module();

  /** The module of the checkpoint that it belongs to. */
  Target target();

  /** The rows that it changes. */
  Rows region();

  /** Columns that it changes, from column 0 on. */
  long columns();

  /** The file's own factor, such as alpha / rank. */
  double scale();
}
