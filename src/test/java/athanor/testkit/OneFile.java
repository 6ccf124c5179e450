package athanor.testkit;

import athanor.file.InputFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** A file in memory that is written anew for every content it is to have. */
public final class OneFile {
  private final Path path;

  private OneFile(Path path) {
    this.path = path;
  }

  /** A file of this name in a folder of its own, removed when the process ends. */
  public static OneFile named(String name) {
    try {
      Path folder = MemoryFolder.create();
      folder.toFile().deleteOnExit();
      Path path = folder.resolve(name);
      path.toFile().deleteOnExit();
      return new OneFile(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** Writes the content, opens the file for a reader, closes it. */
  public void read(byte[] content, Consumer<InputFile> reader) {
    try {
      Files.deleteIfExists(path);
      Files.write(path, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try (InputFile file = InputFile.open(path)) {
      reader.accept(file);
    }
  }
}
