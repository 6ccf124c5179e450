/**
 * Merging: a {@link athanor.merge.MergePlan} says, before anything runs, what happens to every
 * tensor of the output; the {@link athanor.merge.MergeEngine} carries it out in one streaming pass,
 * with memory bounded by the factors of the tensors being worked on and one block per worker.
 *
 * <p>Semantics: {@code W' = round(changes(W))}, all changes of a tensor in the order of the plan
 * and in float32, rounded once to nearest-even. The result does not depend on the number of
 * workers.
 */
@NullMarked
package athanor.merge;

import org.jspecify.annotations.NullMarked;
