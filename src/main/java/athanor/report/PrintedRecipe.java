package athanor.report;

/**
 * A recipe that was asked for on standard output.
 *
 * @param text the recipe, YAML
 */
@LineName("recipe")
public record PrintedRecipe(String text) implements Result {}
