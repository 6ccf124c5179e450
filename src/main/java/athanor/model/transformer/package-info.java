/**
 * The room of the transformer architectures that can be merged. Everything that is particular to
 * one stands in a table named after its id; the code is the same for all.
 */
@NullMarked
package athanor.model.transformer;

import org.jspecify.annotations.NullMarked;
