/**
 * What may be done to rows of a tensor, whatever file or format it comes from.
 *
 * <p>A {@link athanor.delta.Delta} is a matrix that can be added; a {@link
 * athanor.delta.RowTransform} makes new rows from the rows that are there. A {@link
 * athanor.delta.Change} lays one of them onto rows of a checkpoint tensor with a strength. All
 * compute in the orientation in which an adapter is trained, {@code [outputs, inputs]}; a {@link
 * athanor.delta.Placement} says how that lies in the checkpoint. Nothing here knows module names or
 * architectures.
 */
@NullMarked
package athanor.delta;

import org.jspecify.annotations.NullMarked;
