package athanor.net;

import athanor.file.InputFile;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;

/**
 * What a request carries. It can be sent again from its beginning as often as needed, and its
 * length is known in advance, as storage wants it.
 */
public sealed interface Content {

  /**
   * A short text in UTF-8.
   *
   * @param type its media type
   * @param text the text
   */
  record Text(String type, String text) implements Content {
    @Override
    public long length() {
      return text.getBytes(StandardCharsets.UTF_8).length;
    }
  }

  /**
   * Bytes of a file, read while they are sent; without a media type. A file that can no longer be
   * read makes the request fail with an {@link athanor.error.AthanorException} of kind BAD_FILE.
   *
   * @param file where they are; stays the caller's to close
   * @param offset of the first byte
   * @param length number of bytes
   * @param reached told how many bytes of the slice are on their way, from 0 again at every
   *     attempt; from any thread, one at a time
   */
  record Slice(InputFile file, long offset, long length, LongConsumer reached) implements Content {}

  /** Bytes to send. */
  long length();

  /** A JSON document as {@code application/json}. */
  static Content json(Json document) {
    return json(document, "application/json");
  }

  /** A JSON document under another media type. */
  static Content json(Json document, String type) {
    return new Text(type, new String(document.toBytes(), StandardCharsets.UTF_8));
  }
}
