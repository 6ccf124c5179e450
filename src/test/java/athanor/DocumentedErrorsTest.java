package athanor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/errors.md quotes messages; each stands in the code as it is quoted. */
class DocumentedErrorsTest {
  private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

  private static String literals() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
      List<Path> sources = files.filter(file -> file.toString().endsWith(".java")).toList();
      return sources.stream()
          .map(DocumentedErrorsTest::text)
          .collect(Collectors.joining("\n"))
          .replaceAll("\"\\s*\\+\\s*\"", "");
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void everyMessageThatIsQuotedIsOneOfOurs() throws IOException {
    String literals = literals();
    List<String> rows =
        Files.readAllLines(Path.of("docs", "errors.md")).stream()
            .filter(line -> line.startsWith("| ") && !line.startsWith("| the message"))
            .toList();
    assertThat(rows).hasSizeGreaterThan(10);
    for (String row : rows) {
      String[] cells = row.split(" \\| ");
      assertThat(cells).as(row).hasSize(4);
      Matcher quoted = QUOTED.matcher(cells[2]);
      while (quoted.find()) {
        String words = quoted.group(1);
        boolean isCommand = words.startsWith("athanor ") || words.equals("applied n of m");
        assertThat(isCommand || literals.contains(words)).as(words).isTrue();
      }
    }
  }
}
