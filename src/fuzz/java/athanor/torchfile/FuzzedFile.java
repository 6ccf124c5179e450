package athanor.torchfile;

import athanor.file.InputFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/** The one file that fuzzing overwrites again and again. */
final class FuzzedFile {
  private static final Path FILE = file();

  private FuzzedFile() {}

  static void read(byte[] content, Function<InputFile, TorchFile> reader) {
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
