/** Carrying out a plan: the file of a result, from its first byte to its name. */
@NullMarked
package athanor.merge.engine;

import org.jspecify.annotations.NullMarked;
