package athanor.recipe;

import java.util.Optional;

/**
 * A recipe as a YAML file, documented in {@code docs/recipes.md}: a merge as on the command line,
 * and where its result goes. It names files without folders and holds no tokens. Immutable.
 *
 * @param request the merge
 * @param out name of the result, without folder
 * @param push where the result is published
 */
public record RecipeFile(MergeRequest request, Optional<String> out, Optional<PushRequest> push) {

  /** The version of the format, the value of its first key {@value #VERSION_KEY}. */
  public static final int VERSION = 1;

  /** The key whose value is the version of the format. */
  public static final String VERSION_KEY = "athanor";

  /** The largest recipe that is read, in bytes. */
  public static final int MOST_BYTES = 1 << 20;

  /**
   * Reads a recipe.
   *
   * @param yaml the file
   * @param name what to call it in messages, which name line and column
   * @throws athanor.error.AthanorException of kind BAD_FILE if it is no YAML, or larger, deeper or
   *     more tangled than a recipe may be; of kind USAGE if a key is unknown or given twice, a
   *     value is of the wrong type or range, a link holds a token or a file name a folder
   */
  public static RecipeFile parse(byte[] yaml, String name) {
    return RecipeReader.read(yaml, name);
  }

  /** The recipe as YAML; tokens of links, signed queries and folders are left out. */
  public String toYaml() {
    return RecipeWriter.write(this);
  }
}
