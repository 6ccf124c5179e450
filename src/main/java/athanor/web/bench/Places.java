package athanor.web.bench;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.job.inspect.Inspection;
import athanor.report.Shown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folders that somebody may look into from the page: a few roots and what is below them, model
 * files and recipes only. The page never names a path; it gives back numbers that it was given.
 * Thread-safe.
 */
public final class Places {
  private static final Pattern MODEL = Pattern.compile("(?i).*\\.(safetensors|sft|ckpt|pth?|bin)");
  private static final Pattern RECIPE = Pattern.compile("(?i).*\\.ya?ml");
  private static final int MOST_ENTRIES = 1000;
  private static final int MOST_LOOKED_INTO = 100;
  private static final int MOST_RECENT = 5;

  private final Map<String, Path> roots = new LinkedHashMap<>();
  private final List<Path> recent = new ArrayList<>();
  private final Map<Integer, Path> byNumber = new HashMap<>();
  private final Map<Path, Integer> numbers = new HashMap<>();

  /**
   * A folder to look into.
   *
   * @param id its number
   * @param name of the folder
   */
  public record FolderEntry(int id, String name) implements Shown {}

  /**
   * A file to take.
   *
   * @param id its number
   * @param name of the file
   * @param bytes its size
   * @param what it is, in a few words; empty if nobody looked
   * @param usable whether it can be read
   */
  public record FileEntry(int id, String name, long bytes, String what, boolean usable)
      implements Shown {}

  /**
   * A folder, open.
   *
   * @param id its number; absent for the list of the roots
   * @param name of the folder
   * @param up the folder above; absent where that is the list of the roots
   * @param folders in it
   * @param files in it
   * @param more whether there are more than are listed
   */
  public record Listing(
      Optional<Integer> id,
      String name,
      Optional<Integer> up,
      List<FolderEntry> folders,
      List<FileEntry> files,
      boolean more)
      implements Shown {}

  /**
   * Places.
   *
   * @param roots folders by the names that they are shown under; what is missing is left out
   */
  public Places(Map<String, Path> roots) {
    roots.forEach((name, path) -> real(path).ifPresent(real -> this.roots.put(name, real)));
  }

  /** The roots, and the folders that files were taken from. */
  public synchronized Listing top() {
    List<FolderEntry> folders = new ArrayList<>();
    recent.forEach(path -> folders.add(new FolderEntry(number(path), path.toString())));
    roots.forEach((name, path) -> folders.add(new FolderEntry(number(path), name)));
    return new Listing(Optional.empty(), "", Optional.empty(), folders, List.of(), false);
  }

  /**
   * What is in a folder; hidden files, and links that lead out of the roots, are left out.
   *
   * @throws AthanorException of kind USAGE if there is no such number, of kind BAD_FILE if the
   *     folder cannot be read
   */
  public Listing open(int id) {
    Path folder = at(id);
    List<Path> entries;
    try (Stream<Path> all = Files.list(folder)) {
      entries =
          all.filter(path -> !name(path).startsWith("."))
              .filter(path -> real(path).filter(this::isBelow).isPresent())
              .sorted(Comparator.comparing(path -> name(path).toLowerCase(Locale.ROOT)))
              .limit(MOST_ENTRIES + 1)
              .toList();
    } catch (IOException e) {
      throw Problem.badFile("this folder cannot be read").at(folder.toString()).toException(e);
    }
    List<Path> files =
        entries.stream()
            .filter(path -> isOffered(name(path)))
            .filter(Files::isRegularFile)
            .toList();
    List<FileEntry> looked = new ArrayList<>();
    for (Path file : files) {
      looked.add(entry(file, looked.size() < MOST_LOOKED_INTO));
    }
    Path above = folder.getParent();
    return new Listing(
        Optional.of(id),
        name(folder),
        above != null && isBelow(above) ? Optional.of(number(above)) : Optional.empty(),
        entries.stream()
            .filter(Files::isDirectory)
            .map(path -> new FolderEntry(number(path), name(path)))
            .toList(),
        looked,
        entries.size() > MOST_ENTRIES);
  }

  private FileEntry entry(Path file, boolean look) {
    long bytes = 0;
    try {
      bytes = Files.size(file);
      boolean model = look && MODEL.matcher(name(file)).matches();
      String what = model ? Inspection.of(file).what() : isRecipe(file) ? "a recipe" : "";
      return new FileEntry(number(file), name(file), bytes, what, true);
    } catch (AthanorException e) {
      return new FileEntry(number(file), name(file), bytes, e.problem().what(), false);
    } catch (IOException e) {
      return new FileEntry(number(file), name(file), bytes, "cannot be read", false);
    }
  }

  private static boolean isRecipe(Path file) {
    return RECIPE.matcher(name(file)).matches();
  }

  private static boolean isOffered(String name) {
    return MODEL.matcher(name).matches() || RECIPE.matcher(name).matches();
  }

  /**
   * The path of a number. What it is now is looked at again: a link may lead elsewhere than before.
   *
   * @throws AthanorException of kind USAGE if there is no such number, or it is not there any more
   */
  public Path at(int id) {
    Optional<Path> path;
    synchronized (this) {
      path = Optional.ofNullable(byNumber.get(id));
    }
    return path.filter(known -> real(known).filter(this::isBelow).isPresent())
        .orElseThrow(() ->
            Problem.usage("this file or folder is not there any more")
                .help("open the file picker again")
                .toException());
  }

  /** Notes that files of a folder were asked for: it is shown first next time. */
  public synchronized void visited(Path folder) {
    real(folder)
        .filter(real -> !roots.containsValue(real))
        .ifPresent(real -> {
          recent.remove(real);
          recent.addFirst(real);
          if (recent.size() > MOST_RECENT) {
            recent.removeLast();
          }
        });
  }

  private synchronized boolean isBelow(Path real) {
    return Stream.concat(roots.values().stream(), recent.stream()).anyMatch(real::startsWith);
  }

  private synchronized int number(Path path) {
    return numbers.computeIfAbsent(
        path,
        fresh -> {
          int id = numbers.size() + 1;
          byNumber.put(id, fresh);
          return id;
        });
  }

  private static Optional<Path> real(Path path) {
    try {
      return Optional.of(path.toRealPath());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String name(Path path) {
    return Objects.requireNonNullElse(path.getFileName(), path).toString();
  }
}
