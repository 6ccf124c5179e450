/**
 * The immutable description of a merge, {@link athanor.recipe.MergeRequest}, and what a result says
 * of how it was made, {@link athanor.recipe.Provenance}. Arguments and YAML files are forms of the
 * description, with a room for each; {@link athanor.recipe.MethodForm} and {@link
 * athanor.recipe.OptionsForm} hold what forms have in common. Nothing here opens a file.
 */
@NullMarked
package athanor.recipe;

import org.jspecify.annotations.NullMarked;
