package athanor.hub.upload;

import athanor.error.AthanorException;
import athanor.file.InputFile;
import athanor.hub.upload.UploadItem.LocalFile;
import athanor.hub.upload.UploadItem.Text;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * An item, opened once; what is hashed is what is sent.
 *
 * @param path in the repository
 * @param file the bytes; those of a text are in memory
 * @param sha256 if it is known already
 * @param keepExisting whether it gives way to a file that is there
 */
record OpenedItem(String path, InputFile file, Optional<String> sha256, boolean keepExisting)
    implements AutoCloseable {

  /**
   * Opens an item.
   *
   * @throws AthanorException of kind BAD_FILE if it cannot be read
   */
  static OpenedItem open(UploadItem item) {
    return switch (item) {
      case LocalFile local ->
          new OpenedItem(local.path(), InputFile.open(local.file()), local.sha256(), false);
      case Text text ->
          new OpenedItem(text.path(), inMemory(text), Optional.empty(), text.keepExisting());
    };
  }

  private static InputFile inMemory(Text text) {
    byte[] bytes = text.text().getBytes(StandardCharsets.UTF_8);
    return InputFile.elsewhere(
        Path.of(text.path()),
        bytes.length,
        (position, target) -> target.put(bytes, (int) position, target.remaining()));
  }

  long size() {
    return file.size();
  }

  byte[] bytes() {
    return file.readBytes(0, Math.toIntExact(size()));
  }

  byte[] start(int most) {
    return file.readBytes(0, (int) Math.min(most, size()));
  }

  /** The name under which git stores these bytes. */
  static String gitSha1(byte[] content) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      digest.update(("blob " + content.length + "\0").getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
