package athanor.torchfile.zip;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * An entry of an archive, from its central directory and, for {@code position}, its local header.
 *
 * @param name decoded name; {@code /} separates folders
 * @param method 0 stored, 8 deflated
 * @param crc32 checksum of the content; 0 when it was not computed
 * @param headerPosition first byte of the local header
 * @param position first byte of the stored bytes
 * @param storedSize number of stored bytes
 * @param size number of bytes after inflating
 */
public record ZipEntry(
    String name,
    int method,
    int crc32,
    long headerPosition,
    long position,
    long storedSize,
    long size) {

  /** The method of content that is stored as it is. */
  public static final int STORED = 0;

  /** The method of content that is deflated. */
  public static final int DEFLATED = 8;

  /** The byte behind the stored bytes. */
  long end() {
    return position + storedSize;
  }

  /** Whether it is a folder, which has no content. */
  public boolean isFolder() {
    return name.endsWith("/");
  }

  /** UTF-8 if it is proper UTF-8, otherwise Latin-1. */
  static String decode(byte[] name) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name)).toString();
    } catch (CharacterCodingException e) {
      return new String(name, StandardCharsets.ISO_8859_1);
    }
  }
}
