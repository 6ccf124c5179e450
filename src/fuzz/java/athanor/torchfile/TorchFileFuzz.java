package athanor.torchfile;

import athanor.file.InputFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Coverage-guided fuzzing of the readers: any bytes are either read, or refused with a message. Each
 * target runs for the time it states, one target a run:
 *
 * <pre>{@code ./mvnw -Pfuzz test -Dtest='TorchFileFuzz#pickle'}</pre>
 */
class TorchFileFuzz {
  private static final Path FILE = file();

  @MethodSource("pickleSeeds")
  @FuzzTest(maxDuration = "30s")
  void pickle(byte[] bytes) {
    MutationTest.accept(bytes, MutationTest::runPickle);
  }

  @MethodSource("archiveSeeds")
  @FuzzTest(maxDuration = "30s")
  void archive(byte[] bytes) {
    MutationTest.accept(bytes, content -> readFile(content, TorchZipFile::open));
  }

  @MethodSource("oldFileSeeds")
  @FuzzTest(maxDuration = "30s")
  void oldFile(byte[] bytes) {
    MutationTest.accept(bytes, content -> readFile(content, TorchLegacyFile::open));
  }

  static List<byte[]> pickleSeeds() {
    return MutationTest.pickleSeeds();
  }

  static List<byte[]> archiveSeeds() {
    return MutationTest.archiveSeeds();
  }

  static List<byte[]> oldFileSeeds() {
    return List.of(TorchLegacyFileTest.honestFile());
  }

  private static void readFile(byte[] content, Function<InputFile, TorchFile> reader) {
    try {
      Files.deleteIfExists(FILE);
      Files.write(FILE, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try (InputFile file = InputFile.open(FILE)) {
      MutationTest.readAll(reader.apply(file));
    }
  }

  /** In memory where the system has a place for that. */
  private static Path file() {
    Path memory = Path.of("/dev/shm");
    try {
      Path folder =
          Files.isWritable(memory)
              ? Files.createTempDirectory(memory, "athanor-fuzz")
              : Files.createTempDirectory("athanor-fuzz");
      Path file = folder.resolve("fuzzed.ckpt");
      folder.toFile().deleteOnExit();
      file.toFile().deleteOnExit();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
