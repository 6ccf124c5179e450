package athanor.adapter.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No suffix of a format is written down outside the format's own file. */
class SuffixesInOnePlaceTest {
  private static final Path SOURCES = Path.of("src/main/java/athanor");
  private static final Path FORMATS = SOURCES.resolve("adapter/format");

  /** Writes LoRA files, in the two spellings that it is about. */
  private static final Set<String> WRITERS =
      Set.of("LoraFormat.java", "HistoricSum.java", "DemoFiles.java");

  @Test
  void aSuffixStandsInOneFile() {
    List<String> elsewhere = new ArrayList<>();
    for (Path file : sources()) {
      if (WRITERS.contains(file.getFileName().toString())) {
        continue;
      }
      String text = read(file);
      for (String suffix : suffixes()) {
        boolean inFormat = file.startsWith(FORMATS);
        if (text.contains("\"" + suffix + "\"") && !inFormat) {
          elsewhere.add(file + ": " + suffix);
        }
      }
    }
    assertThat(elsewhere).isEmpty();
  }

  @Test
  void noTwoFormatsWriteTheSameSuffix() {
    List<String> twice = new ArrayList<>();
    for (String suffix : suffixes()) {
      List<Path> files =
          sources().stream()
              .filter(file -> file.startsWith(FORMATS))
              .filter(file -> read(file).contains("\"" + suffix + "\""))
              .toList();
      if (files.size() != 1) {
        twice.add(suffix + ": " + files);
      }
    }
    assertThat(twice).isEmpty();
  }

  /** What tells a format; {@code .weight} alone does not, and stands everywhere. */
  private static Set<String> suffixes() {
    Set<String> suffixes = new TreeSet<>();
    for (AdapterFormat format : AdapterFormats.ALL) {
      for (Suffix suffix : format.suffixes()) {
        if (suffix.alone() && suffix.kept() == 0) {
          suffixes.add(suffix.text());
        }
      }
    }
    return suffixes;
  }

  private static List<Path> sources() {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
