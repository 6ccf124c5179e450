package athanor.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder of a model in the layout of diffusers, a folder for each of its parts: where in it the
 * weights of the denoiser are.
 */
final class ModelFolder {
  private static final List<String> DENOISERS = List.of("transformer", "unet");
  private static final String INDEX = ".safetensors.index.json";
  private static final String SINGLE = ".safetensors";
  private static final String CONFIG = "config.json";

  private ModelFolder() {}

  /**
   * The file to open for the denoiser: the index of its parts, or the only file. Of several
   * versions it is the one with the shortest name, which is the one without a word such as {@code
   * fp16}.
   *
   * @param folder that of a model, or of its denoiser
   * @return empty if it is neither
   */
  static Optional<Path> denoiser(Path folder) {
    for (String name : DENOISERS) {
      Path inside = folder.resolve(name);
      if (Files.isDirectory(inside)) {
        return weights(inside);
      }
    }
    return Files.exists(folder.resolve(CONFIG)) ? weights(folder) : Optional.empty();
  }

  private static Optional<Path> weights(Path folder) {
    return shortest(folder, INDEX).or(() -> shortest(folder, SINGLE));
  }

  private static Optional<Path> shortest(Path folder, String ending) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.getFileName().toString().endsWith(ending))
          .min((one, other) -> {
            int byLength =
                Integer.compare(
                    one.getFileName().toString().length(), other.getFileName().toString().length());
            return byLength != 0 ? byLength : one.compareTo(other);
          });
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
