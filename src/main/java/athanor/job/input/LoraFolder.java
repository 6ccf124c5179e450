package athanor.job.input;

import athanor.error.AthanorException;
import athanor.error.NearestNames;
import athanor.error.Problem;
import athanor.format.StateDicts;
import athanor.tensor.StateDict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The LoRA files of a folder and its subfolders, found by the names that prompts use: the file's
 * name without extension, or the name that its trainer gave it. Immutable.
 */
public final class LoraFolder {
  private static final List<String> EXTENSIONS = List.of(".safetensors", ".ckpt", ".pt");
  private static final String TRAINED_NAME = "ss_output_name";
  private static final int LISTED = 5;

  private final Path folder;
  private final List<Entry> entries;

  /** A file, and its path in the folder without extension, with slashes. */
  private record Entry(Path file, String name) {
    boolean isCalled(String wanted) {
      return name.equals(wanted) || name.endsWith("/" + wanted);
    }

    /** The same file, called by its whole name. */
    Entry withExtension() {
      String path = file.toString();
      return new Entry(file, name + path.substring(path.lastIndexOf('.')));
    }

    String lastName() {
      return name.substring(name.lastIndexOf('/') + 1);
    }
  }

  private LoraFolder(Path folder, List<Entry> entries) {
    this.folder = folder;
    this.entries = entries;
  }

  /**
   * Lists a folder and all below it; links are followed, what cannot be read is passed over.
   *
   * @throws AthanorException of kind BAD_FILE if there is no such folder
   */
  public static LoraFolder open(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw Problem.badFile(Files.exists(folder) ? "this is no folder" : "there is no such folder")
          .at(folder.toString())
          .expected("the folder that holds the LoRAs")
          .toException();
    }
    List<Entry> entries = new ArrayList<>();
    try {
      Files.walkFileTree(
          folder,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          Integer.MAX_VALUE,
          new SimpleFileVisitor<Path>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              nameOf(folder, file).ifPresent(name -> entries.add(new Entry(file, name)));
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    entries.sort((one, other) -> one.name.compareTo(other.name));
    return new LoraFolder(folder, List.copyOf(entries));
  }

  private static Optional<String> nameOf(Path folder, Path file) {
    String path = folder.relativize(file).toString().replace('\\', '/');
    String lower = path.toLowerCase(Locale.ROOT);
    return EXTENSIONS.stream()
        .filter(lower::endsWith)
        .findFirst()
        .map(extension -> path.substring(0, path.length() - extension.length()));
  }

  /**
   * The file of a LoRA. A name counts as it is; if no file has it, with the extension of a file;
   * then without regard to letter case; then as the name that trainers write into the metadata.
   * Subfolders may stand before it.
   *
   * @throws AthanorException of kind BAD_FILE if there is none, with the nearest names; of kind
   *     USAGE if there are several
   */
  public Path find(String name) {
    String wanted = name.replace('\\', '/');
    String lower = wanted.toLowerCase(Locale.ROOT);
    return only(name, entry -> entry.isCalled(wanted))
        .or(() -> only(name, entry -> entry.withExtension().isCalled(wanted)))
        .or(() ->
            only(
                name,
                entry ->
                    new Entry(entry.file, entry.name.toLowerCase(Locale.ROOT)).isCalled(lower)))
        .or(() -> only(name, entry -> trainedName(entry.file).filter(name::equals).isPresent()))
        .orElseThrow(() -> missing(name).toException());
  }

  private Optional<Path> only(String name, Predicate<Entry> condition) {
    List<Entry> found = entries.stream().filter(condition).toList();
    if (found.size() > 1) {
      throw Problem.usage("several files are called " + name)
          .at(folder.toString())
          .found(
              found.stream()
                  .limit(LISTED)
                  .map(entry -> folder.relativize(entry.file).toString())
                  .collect(Collectors.joining(", ")))
          .expected("one")
          .help("name the subfolder too, as in <lora:SUBFOLDER/" + name + ":1>, or rename one")
          .toException();
    }
    return found.stream().map(Entry::file).findFirst();
  }

  private static Optional<String> trainedName(Path file) {
    try (StateDict dict = StateDicts.open(file)) {
      return Optional.ofNullable(dict.metadata().get(TRAINED_NAME));
    } catch (AthanorException e) {
      return Optional.empty();
    }
  }

  private Problem missing(String name) {
    Problem problem =
        Problem.badFile("there is no LoRA of this name")
            .at(folder.toString())
            .found(name)
            .expected("a file " + name + ".safetensors, .ckpt or .pt, here or in a subfolder");
    if (entries.isEmpty()) {
      return problem.help("the folder holds no LoRA at all; check --lora-dir");
    }
    List<String> names = entries.stream().map(Entry::lastName).distinct().toList();
    List<String> near = NearestNames.of(name, names);
    return near.isEmpty()
        ? problem.help(
            "the folder has "
                + names.stream().limit(LISTED).collect(Collectors.joining(", "))
                + (names.size() > LISTED ? " and " + (names.size() - LISTED) + " more" : ""))
        : problem.help("did you mean " + String.join(" or ", near) + "?");
  }
}
