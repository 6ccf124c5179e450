/** Recipes and their locks as YAML files. */
@NullMarked
package athanor.recipe.yaml;

import org.jspecify.annotations.NullMarked;
