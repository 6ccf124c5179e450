package athanor.job;

import athanor.error.Problem;
import athanor.format.StateDicts;
import athanor.recipe.InputRequest;
import athanor.recipe.MechaRecipe;
import athanor.recipe.MergeRequest;
import athanor.recipe.Provenance;
import athanor.recipe.WebuiRecipeReader;
import athanor.recipe.yaml.RecipeFile;
import athanor.tensor.StateDict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How a file was made, as a recipe: whoever made it, as far as it says enough. */
public final class RecipeOfFile {
  private RecipeOfFile() {}

  /**
   * The recipe of a file: of a model that this program, A1111's merger or SuperMerger made, from
   * its metadata, or of sd-mecha's recipe.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it cannot be read or tells nothing;
   *     of kind INCOMPATIBLE if it tells something that cannot be done here
   */
  public static RecipeFile of(Path file) {
    String name = String.valueOf(file.getFileName());
    MergeRequest request =
        name.toLowerCase(Locale.ROOT).endsWith(".mecha")
            ? MechaRecipe.read(text(file), name)
            : ofModel(file);
    return new RecipeFile(request, Optional.empty(), Optional.empty());
  }

  private static MergeRequest ofModel(Path path) {
    try (StateDict file = StateDicts.open(path)) {
      Map<String, String> metadata = file.metadata();
      return Optional.ofNullable(metadata.get(Provenance.METADATA_KEY))
          .flatMap(Provenance::parse)
          .map(made -> made.request(RecipeOfFile::input))
          .or(() -> WebuiRecipeReader.read(file.name(), metadata))
          .orElseThrow(() ->
              Problem.badFile("this file does not say how it was made")
                  .at(file.name())
                  .expected("the metadata of Athanor, A1111's merger or SuperMerger")
                  .help("athanor inspect shows what its metadata say")
                  .toException());
    }
  }

  private static InputRequest input(Provenance.Input input) {
    return new InputRequest(
        input.origin().bestLink().orElse(input.name()), input.origin().sha256());
  }

  private static String text(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(RecipeFile.MOST_BYTES + 1);
      if (bytes.length > RecipeFile.MOST_BYTES) {
        throw Problem.badFile("this is too large for a recipe").at(file.toString()).toException();
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw Problem.badFile("the recipe cannot be read").at(file.toString()).toException(e);
    }
  }
}
