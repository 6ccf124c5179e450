/**
 * Carrying out a plan in one pass over the inputs: block of rows by block of rows, in any number of
 * workers, into a file that gets its name when it is complete.
 */
@NullMarked
package athanor.merge.engine;

import org.jspecify.annotations.NullMarked;
