package athanor.job.input;

import athanor.error.Problem;
import athanor.recipe.InputRequest;
import athanor.recipe.MergeRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where files are looked for that a recipe names without folder; the first that has it counts.
 *
 * @param folders in the order of the search
 */
public record InputFolders(List<Path> folders) {

  /** Copies the list. */
  public InputFolders {
    folders = List.copyOf(folders);
  }

  /** The folder of a file. */
  public static Path of(Path file) {
    return Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of(""));
  }

  /** Every file of this name. */
  public List<Path> all(String name) {
    return folders.stream()
        .map(folder -> folder.resolve(name))
        .filter(Files::isRegularFile)
        .toList();
  }

  /**
   * The request with the paths of its files; links stay.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE that names every file that is nowhere
   */
  public MergeRequest find(MergeRequest request) {
    List<InputRequest> missing = new ArrayList<>();
    MergeRequest found =
        request.withInputs(input -> {
          if (input.isLink()) {
            return input;
          }
          Optional<Path> path = all(input.text()).stream().findFirst();
          if (path.isEmpty()) {
            missing.add(input);
          }
          return path.map(file -> new InputRequest(file.toString(), input.sha256())).orElse(input);
        });
    if (!missing.isEmpty()) {
      throw missing(missing.stream().map(InputFolders::text).distinct().toList()).toException();
    }
    return found;
  }

  private static String text(InputRequest input) {
    return input.text() + input.sha256().map(hash -> " (SHA-256 " + hash + ")").orElse("");
  }

  /** Says which files are nowhere. */
  public Problem missing(List<String> files) {
    return Problem.badFile(
            files.size() == 1
                ? "an input of the recipe is missing"
                : files.size() + " inputs of the recipe are missing")
        .at(String.join(", ", files))
        .expected(
            "in "
                + folders.stream()
                    .map(Path::toString)
                    .distinct()
                    .collect(Collectors.joining(" or ")))
        .help("say where they are: --inputs FOLDER");
  }
}
