package athanor.job;

import athanor.error.Problem;
import athanor.file.OutputFile;
import athanor.file.OutputTarget;
import athanor.recipe.yaml.LockFile;
import athanor.recipe.yaml.RecipeFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Recipes and their lock files on the disk. */
public final class RecipeFolder {
  private RecipeFolder() {}

  /**
   * Reads a recipe.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it cannot be read; as {@link
   *     RecipeFile#parse}
   */
  public static RecipeFile read(Path file) {
    return RecipeFile.parse(bytes(file), String.valueOf(file.getFileName()));
  }

  /** The lock file's place beside a recipe: {@code mix.lock.yaml} for {@code mix.yaml}. */
  public static Path lockOf(Path recipe) {
    String name = String.valueOf(recipe.getFileName());
    return recipe.resolveSibling(name.replaceFirst("(?i)\\.ya?ml$", "") + ".lock.yaml");
  }

  /**
   * Reads a lock file; empty if there is none.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it cannot be read; as {@link
   *     LockFile#parse}
   */
  public static Optional<LockFile> readLock(Path file) {
    return Files.exists(file)
        ? Optional.of(LockFile.parse(bytes(file), String.valueOf(file.getFileName())))
        : Optional.empty();
  }

  /** At most one byte more than a recipe may have, so that a large file is refused, not read. */
  private static byte[] bytes(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(RecipeFile.MOST_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw Problem.badFile("there is no such file")
          .at(file.toString())
          .expected("a recipe")
          .toException(e);
    } catch (IOException e) {
      throw Problem.badFile("the recipe cannot be read")
          .at(file.toString())
          .found(Files.isDirectory(file) ? "a folder" : String.valueOf(e.getMessage()))
          .toException(e);
    }
  }

  /**
   * Where a recipe goes. Its name shows that it is one, so that no model is ever replaced by it.
   *
   * @throws athanor.error.AthanorException of kind USAGE if the name ends in neither {@code .yaml}
   *     nor {@code .yml}; as {@link OutputTarget#of}
   */
  public static OutputTarget target(Path file, boolean replace) {
    if (!String.valueOf(file.getFileName()).matches("(?is).*\\.ya?ml")) {
      throw Problem.usage("a recipe is a YAML file, and its name shows it")
          .at(file.toString())
          .expected("a name such as mix.yaml")
          .toException();
    }
    return OutputTarget.of(file, replace);
  }

  /**
   * Writes a text so that it appears complete or not at all.
   *
   * @throws athanor.error.AthanorException as {@link OutputFile}
   */
  public static void write(OutputTarget target, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (OutputFile output = target.open()) {
      output.write(0, ByteBuffer.wrap(bytes));
      output.finish(bytes.length);
    }
  }
}
