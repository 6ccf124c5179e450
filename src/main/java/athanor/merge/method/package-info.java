/**
 * How contributions become a result: the methods of a merge with their parameters, the strength of
 * each contribution, and the types in which is computed and stored. Values only: nothing here opens
 * a file.
 */
@NullMarked
package athanor.merge.method;

import org.jspecify.annotations.NullMarked;
