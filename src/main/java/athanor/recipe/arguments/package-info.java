/**
 * Merges as arguments of a command: values as a parser of arguments found them, and their meaning.
 */
@NullMarked
package athanor.recipe.arguments;

import org.jspecify.annotations.NullMarked;
