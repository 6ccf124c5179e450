package athanor.web;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.file.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page's files: all are listed, and those of others are unchanged. */
class PageFilesTest {
  private static final Path FOLDER = Path.of("src", "main", "resources", "athanor", "web", "page");

  @Test
  void everyFileIsListedAndServed() throws IOException {
    try (Stream<Path> all = Files.walk(FOLDER)) {
      List<String> there =
          all.filter(Files::isRegularFile)
              .map(file -> FOLDER.relativize(file).toString().replace('\\', '/'))
              .filter(name -> !name.endsWith(".txt"))
              .toList();
      assertThat(PageFiles.names()).containsExactlyInAnyOrderElementsOf(there);
    }
    PageFiles files = PageFiles.load();
    for (String name : PageFiles.names()) {
      assertThat(files.at("/" + name).orElseThrow().bytes())
          .as(name)
          .isEqualTo(Files.readAllBytes(FOLDER.resolve(name)));
    }
  }

  /** Lines of vendor.txt: file, package, version, licence, path in the package, SHA-256. */
  @Test
  void filesOfOthersAreTheirs() throws IOException {
    List<String> lines =
        Files.readAllLines(FOLDER.resolve("vendor.txt")).stream()
            .filter(line -> !line.startsWith("#"))
            .toList();
    assertThat(lines).hasSize(3);
    for (String line : lines) {
      String[] fields = line.split(" +");
      byte[] bytes = Files.readAllBytes(FOLDER.resolve("vendor").resolve(fields[0]));
      assertThat(Sha256.of(bytes)).as(line).isEqualTo(fields[5]);
      assertThat(Files.readString(Path.of("NOTICE"))).contains(fields[1] + " " + fields[2]);
    }
    assertThat(PageFiles.names().stream().filter(name -> name.startsWith("vendor/")))
        .hasSameSizeAs(lines);
  }

  @Test
  void thePageLoadsNothingFromElsewhere() throws IOException {
    for (String name : PageFiles.names()) {
      if (!name.startsWith("vendor/")) {
        assertThat(Files.readString(FOLDER.resolve(name)))
            .as(name)
            .doesNotContainPattern("(?:src|href|from|import)\\s*[=(]?\\s*[\"']https?:")
            .doesNotContain("innerHTML", "eval(");
      }
    }
  }
}
