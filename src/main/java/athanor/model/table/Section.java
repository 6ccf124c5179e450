package athanor.model.table;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A part of a table in a resource: {@code [name]}, then lines of a key, blanks and a text. A key
 * may come several times. Empty lines and lines that begin with {@code #} count for nothing; {@code
 * ""} stands for empty text. Immutable.
 */
public final class Section {
  private final String name;
  private final Map<String, List<String>> entries = new TreeMap<>();

  private Section(String name) {
    this.name = name;
  }

  /**
   * Reads a table.
   *
   * @param beside a class in the package of the resource
   * @param resource its name
   * @throws IllegalStateException if a line comes before the first section
   */
  public static List<Section> read(Class<?> beside, String resource) {
    var sections = new ArrayList<Section>();
    for (String line : lines(beside, resource)) {
      if (line.startsWith("[") && line.endsWith("]")) {
        sections.add(new Section(line.substring(1, line.length() - 1)));
      } else if (sections.isEmpty()) {
        throw new IllegalStateException(resource + ": '" + line + "' is in no section");
      } else {
        String[] keyAndText = line.split("\\s+", 2);
        String text = keyAndText.length == 1 ? "" : word(keyAndText[1]);
        sections
            .getLast()
            .entries
            .computeIfAbsent(keyAndText[0], key -> new ArrayList<>())
            .add(text);
      }
    }
    return List.copyOf(sections);
  }

  /** The lines of a resource without comments, blanks around them and empty lines. */
  public static List<String> lines(Class<?> beside, String resource) {
    InputStream stream = beside.getResourceAsStream(resource);
    try (var reader =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(stream, resource), StandardCharsets.UTF_8))) {
      return reader
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String word(String text) {
    return text.equals("\"\"") ? "" : text;
  }

  /** What stands in brackets. */
  public String name() {
    return name;
  }

  /** The keys, sorted. */
  public Set<String> keys() {
    return entries.keySet();
  }

  /** The text of a key that comes at most once. */
  public Optional<String> find(String key) {
    return all(key).stream().findFirst();
  }

  /**
   * The text of a key.
   *
   * @throws IllegalStateException if there is none
   */
  public String text(String key) {
    return find(key).orElseThrow(() -> new IllegalStateException("[" + name + "] has no " + key));
  }

  /** The texts of a key, in order. */
  public List<String> all(String key) {
    return List.copyOf(entries.getOrDefault(key, List.of()));
  }

  /** The words of a key, in order; none if there is no such key. */
  public List<String> words(String key) {
    return all(key).stream()
        .flatMap(text -> Stream.of(text.split("\\s+")))
        .map(Section::word)
        .toList();
  }

  /** The words of a key as whole numbers. */
  public List<Integer> numbers(String key) {
    return words(key).stream().map(Integer::valueOf).toList();
  }

  /**
   * The single number of a key.
   *
   * @throws IllegalStateException if there is none
   */
  public int number(String key) {
    return Integer.parseInt(text(key));
  }

  @Override
  public String toString() {
    return "[" + name + "] " + entries;
  }
}
