package athanor.format;

import athanor.file.InputFile;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The parts of a file by which it is recognised: its size, beginning and end. */
final class FileSample {
  static final int HEAD = 4096;

  /** Room for the end record of a zip file and its longest comment. */
  static final int TAIL = (64 << 10) + 22;

  private final long size;
  private final byte[] head;
  private final byte[] tail;

  private FileSample(long size, byte[] head, byte[] tail) {
    this.size = size;
    this.head = head;
    this.tail = tail;
  }

  static FileSample of(InputFile file) {
    int head = (int) Math.min(file.size(), HEAD);
    int tail = (int) Math.min(file.size(), TAIL);
    return new FileSample(
        file.size(), file.readBytes(0, head), file.readBytes(file.size() - tail, tail));
  }

  /** Size of the whole file in bytes. */
  long size() {
    return size;
  }

  /** The first {@value #HEAD} bytes, or all; shared, not to be changed. */
  byte[] head() {
    return head;
  }

  /** The last {@value #TAIL} bytes, or all; shared, not to be changed. */
  byte[] tail() {
    return tail;
  }

  /** Whether the head has these bytes at this offset. */
  boolean has(int offset, int... bytes) {
    if (head.length < offset + bytes.length) {
      return false;
    }
    for (int i = 0; i < bytes.length; i++) {
      if ((head[offset + i] & 0xff) != bytes[i]) {
        return false;
      }
    }
    return true;
  }

  /** Whether the head has this ASCII text at this offset. */
  boolean has(int offset, String ascii) {
    return has(offset, ascii.chars().toArray());
  }

  boolean headIsZero() {
    return isZero(head, 0);
  }

  boolean tailIsZero() {
    return isZero(tail, 0);
  }

  /** Whether the last {@code count} bytes, or all if there are fewer, are zero. */
  boolean endsInZeros(int count) {
    return isZero(tail, Math.max(0, tail.length - count));
  }

  private static boolean isZero(byte[] bytes, int from) {
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** The whole file if it is as short as the tail, else the tail. */
  byte[] wholeIfShort() {
    return tail;
  }

  boolean isShort() {
    return size <= tail.length;
  }

  /** The head as text, without byte order mark and leading blanks; wrong bytes become {@code �}. */
  String text() {
    if (has(0, 0xff, 0xfe)) {
      return new String(head, StandardCharsets.UTF_16).strip();
    }
    if (has(0, 0xfe, 0xff)) {
      return new String(head, StandardCharsets.UTF_16).strip();
    }
    int from = has(0, 0xef, 0xbb, 0xbf) ? 3 : 0;
    return new String(Arrays.copyOfRange(head, from, head.length), StandardCharsets.UTF_8).strip();
  }

  /** Whether the head reads as text: no NUL, few control characters and wrong bytes. */
  boolean isText() {
    String text = text();
    if (text.isEmpty()) {
      return size > 0;
    }
    int odd = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return false;
      }
      boolean blank = c == '\n' || c == '\r' || c == '\t' || c == '\u001b';
      if (c == '\ufffd' || (Character.isISOControl(c) && !blank)) {
        odd++;
      }
    }
    return odd * 10 <= text.length();
  }
}
