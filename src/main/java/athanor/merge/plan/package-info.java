/**
 * What a plan of a merge is made of: the strength of each contribution, and the precision in which
 * is computed and stored. Values only: nothing here opens a file.
 */
@NullMarked
package athanor.merge.plan;

import org.jspecify.annotations.NullMarked;
