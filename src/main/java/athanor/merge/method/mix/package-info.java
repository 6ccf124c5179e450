/**
 * Methods that make one checkpoint of several: one file for each, with its formula, its parameters
 * and its source. {@link athanor.merge.method.mix.MixMethods} lists them.
 */
@NullMarked
package athanor.merge.method.mix;

import org.jspecify.annotations.NullMarked;
