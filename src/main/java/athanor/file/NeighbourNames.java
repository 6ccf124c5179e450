package athanor.file;

import athanor.error.NearestNames;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What a file that is missing may have been meant to be: names of its folder. */
final class NeighbourNames {
  private static final int MOST_NAMES = 10_000;
  private static final int SHOWN = 3;

  private NeighbourNames() {}

  /** A sentence that names them; empty if none is alike, or the folder is very large. */
  static Optional<String> help(Path missing) {
    String wanted = Objects.requireNonNullElse(missing.getFileName(), missing).toString();
    List<String> names = names(missing);
    List<String> cut = matching(names, name -> name.startsWith(wanted + " "));
    if (!cut.isEmpty()) {
      return Optional.of(question(cut) + " Quote names that contain blanks");
    }
    List<String> longer = matching(names, name -> name.startsWith(wanted + "."));
    List<String> alike = longer.isEmpty() ? alike(wanted, names) : longer;
    return alike.isEmpty() ? Optional.empty() : Optional.of(question(alike));
  }

  private static List<String> matching(List<String> names, Predicate<String> condition) {
    return names.stream().filter(condition).sorted().limit(SHOWN).toList();
  }

  /** Extensions are left out: they are long, and the same for nearly all files. */
  private static List<String> alike(String wanted, List<String> names) {
    List<String> stems =
        NearestNames.of(stem(wanted), names.stream().map(NeighbourNames::stem).distinct().toList());
    return matching(names, name -> stems.contains(stem(name)));
  }

  private static String stem(String name) {
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  private static String question(List<String> names) {
    return names.stream()
        .map(name -> name.contains(" ") ? "\"" + name + "\"" : name)
        .collect(Collectors.joining(" or ", "did you mean ", "?"));
  }

  private static List<String> names(Path missing) {
    List<String> names = new ArrayList<>();
    Path folder = missing.toAbsolutePath().getParent();
    if (folder == null) {
      return names;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (names.size() == MOST_NAMES) {
          return List.of();
        }
        names.add(String.valueOf(file.getFileName()));
      }
    } catch (IOException | DirectoryIteratorException e) {
      return List.of();
    }
    return names;
  }
}
