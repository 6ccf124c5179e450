package athanor.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * docs/json.md describes every line of {@code --json} as it is: a section for each record, a row
 * for each field, in their order, of their type.
 */
class JsonDocumentTest {
  private static final Path DOCUMENT = Path.of("docs", "json.md");
  private static final Pattern SECTION =
      Pattern.compile("### `(result|event)`: `(.+?)`(?:, (.+))?");
  private static final Pattern ROW = Pattern.compile("\\| `(.+?)` \\| (.+?) \\| (.+) \\|");
  private static final String OPTIONAL = ", or absent";

  @Test
  void describesEveryLineFieldByField() throws IOException {
    Map<String, List<String>> expected = new LinkedHashMap<>();
    lines().forEach(type -> expected.put(heading(type), rows(type, "", false)));
    Map<String, List<String>> documented = documented();
    assertThat(documented.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
    expected.forEach((heading, rows) ->
        assertThat(documented.get(heading)).as(heading).containsExactlyElementsOf(rows));
  }

  private static Stream<Class<?>> lines() {
    return Stream.of(Result.class, Event.class)
        .flatMap(kind -> Stream.of(kind.getPermittedSubclasses()));
  }

  private static String heading(Class<?> type) {
    LineName name = type.getAnnotation(LineName.class);
    assertThat(name).as(type.getName()).isNotNull();
    return "### `"
        + (Event.class.isAssignableFrom(type) ? "event" : "result")
        + "`: `"
        + name.value()
        + "`"
        + (name.when().isEmpty() ? "" : ", " + name.when());
  }

  private static Map<String, List<String>> documented() throws IOException {
    Map<String, List<String>> sections = new LinkedHashMap<>();
    List<String> rows = new ArrayList<>();
    for (String line : Files.readAllLines(DOCUMENT)) {
      if (SECTION.matcher(line).matches()) {
        rows = new ArrayList<>();
        assertThat(sections.put(line, rows)).as("two sections " + line).isNull();
      } else if (line.startsWith("#")) {
        rows = new ArrayList<>();
      }
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        assertThat(row.group(3)).as("the meaning of " + row.group(1)).isNotBlank();
        rows.add(row.group(1) + ": " + row.group(2));
      }
    }
    return sections;
  }

  private static List<String> rows(Class<?> record, String prefix, boolean optional) {
    List<String> rows = new ArrayList<>();
    for (RecordComponent component : record.getRecordComponents()) {
      if (component.isAnnotationPresent(ForText.class)) {
        continue;
      }
      Type type = component.getGenericType();
      boolean absent = optional || component.getType() == Optional.class;
      Type inner = component.getType() == Optional.class ? argument(type) : type;
      String name = prefix + RecordWriter.snakeCase(component.getName());
      if (component.isAnnotationPresent(Inline.class)) {
        rows.addAll(inlined(inner, prefix, absent));
      } else {
        rows.add(name + ": " + text(inner, component) + (absent ? OPTIONAL : ""));
        rows.addAll(nested(inner, name));
      }
    }
    return rows;
  }

  private static List<String> inlined(Type type, String prefix, boolean absent) {
    if (type instanceof ParameterizedType) {
      return List.of(prefix + "…: text" + OPTIONAL);
    }
    Class<?> owner = (Class<?>) type;
    if (owner.isRecord()) {
      return rows(owner, prefix, absent);
    }
    List<List<String>> ways = new ArrayList<>();
    for (Class<?> way : owner.getPermittedSubclasses()) {
      ways.add(rows(way, prefix, absent));
    }
    return merged(ways);
  }

  /** The same fields with different types: {@code text or list of numbers}. */
  private static List<String> merged(List<List<String>> ways) {
    Map<String, String> types = new LinkedHashMap<>();
    for (String row : ways.stream().flatMap(List::stream).distinct().toList()) {
      String[] parts = row.replace(OPTIONAL, "").split(": ", 2);
      types.merge(parts[0], parts[1], (one, other) -> one + " or " + other);
    }
    List<String> rows = new ArrayList<>();
    types.forEach((name, type) -> rows.add(name + ": " + type + OPTIONAL));
    return rows;
  }

  private static List<String> nested(Type type, String name) {
    if (type instanceof Class<?> owner && owner.isRecord()) {
      return rows(owner, name + ".", false);
    }
    if (isList(type) && argument(type) instanceof Class<?> item && item.isRecord()) {
      return rows(item, name + "[].", false);
    }
    return List.of();
  }

  private static String text(Type type, RecordComponent component) {
    if (isList(type)) {
      return "list of " + plural(argument(type));
    }
    if (type instanceof ParameterizedType) {
      return "object of texts";
    }
    Class<?> plain = (Class<?>) type;
    if (plain == String.class && component.getAnnotatedType().getAnnotations().length > 0) {
      return "null";
    }
    if (plain == OptionalLong.class) {
      return "whole number" + OPTIONAL;
    }
    if (plain == int.class || plain == long.class) {
      return "whole number";
    }
    if (plain == double.class || plain == Double.class) {
      return "number";
    }
    if (plain == boolean.class) {
      return "true or false";
    }
    return plain == String.class || plain.isEnum() ? "text" : "object";
  }

  private static String plural(Type type) {
    if (isList(type)) {
      return "lists of " + plural(argument(type));
    }
    if (type == String.class) {
      return "texts";
    }
    if (type == Long.class) {
      return "whole numbers";
    }
    return type == Double.class ? "numbers" : "objects";
  }

  private static boolean isList(Type type) {
    return type instanceof ParameterizedType some && some.getRawType() == List.class;
  }

  private static Type argument(Type type) {
    return ((ParameterizedType) type).getActualTypeArguments()[0];
  }

  /** Prints what the document has to say, without the meanings. */
  public static void main(String[] args) {
    lines()
        .forEach(type -> {
          System.out.println(heading(type));
          rows(type, "", false).forEach(System.out::println);
        });
  }
}
