/** Merges as arguments of a command: what a LoRA, its strength and a method are written like. */
@NullMarked
package athanor.recipe.arguments;

import org.jspecify.annotations.NullMarked;
