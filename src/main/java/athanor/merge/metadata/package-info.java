/** The text metadata of results: what is written about them, under which names, and what is not. */
@NullMarked
package athanor.merge.metadata;

import org.jspecify.annotations.NullMarked;
