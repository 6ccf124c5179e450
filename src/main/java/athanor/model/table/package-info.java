/**
 * Tables: sections of text in resources, the keys and shapes of a file, lists of the keys that a
 * file should have.
 */
@NullMarked
package athanor.model.table;

import org.jspecify.annotations.NullMarked;
