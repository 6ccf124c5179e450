package athanor.recipe.yaml;

import athanor.error.Problem;
import athanor.recipe.InputRequest;
import athanor.recipe.MergeRequest;
import athanor.recipe.PushRequest;
import java.util.HashMap;
import java.util.Map;
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

  /**
   * The recipe of a request.
   *
   * @param out the result's file name
   * @throws athanor.error.AthanorException of kind USAGE if two files of different folders have the
   *     same name, which a recipe cannot tell apart
   */
  public static RecipeFile of(MergeRequest request, String out) {
    Map<String, String> known = new HashMap<>();
    for (InputRequest input : request.inputs()) {
      String other = known.putIfAbsent(input.portable(), input.text());
      if (!input.isLink() && other != null && !other.equals(input.text())) {
        throw Problem.usage("two inputs have the same name, which a recipe cannot tell apart")
            .at(input.portable())
            .found(other + " and " + input.text())
            .expected("different names")
            .help("rename one of them")
            .toException();
      }
    }
    return new RecipeFile(request, Optional.of(out), Optional.empty());
  }

  /** The recipe as YAML; tokens of links, signed queries and folders are left out. */
  public String toYaml() {
    return RecipeWriter.write(this);
  }
}
