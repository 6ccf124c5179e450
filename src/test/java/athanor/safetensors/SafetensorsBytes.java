package athanor.safetensors;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Safetensors files put together byte by byte, also wrong ones. */
final class SafetensorsBytes {
  private SafetensorsBytes() {}

  /** A file with this header text and as many zero bytes of values. */
  static byte[] file(String header, int dataBytes) {
    return file(header, new byte[dataBytes]);
  }

  /** A file with this header text and these values. */
  static byte[] file(String header, byte[] data) {
    return file(header.getBytes(StandardCharsets.UTF_8), data);
  }

  /** A file with this header and these values. */
  static byte[] file(byte[] header, byte[] data) {
    return claiming(header.length, header, data);
  }

  /** A file whose length field says {@code length}, whatever the header is. */
  static byte[] claiming(long length, byte[] header, byte[] data) {
    return ByteBuffer.allocate(8 + header.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(header)
        .put(data)
        .array();
  }

  /** A header with one tensor {@code a} described by this JSON. */
  static String one(String entry) {
    return "{\"a\":" + entry + "}";
  }

  /** A tensor entry; {@code shape} is JSON. */
  static String tensor(String dtype, String shape, long begin, long end) {
    return tensor(dtype, shape, "[" + begin + "," + end + "]");
  }

  /** A tensor entry; {@code shape} and {@code offsets} are JSON. */
  static String tensor(String dtype, String shape, String offsets) {
    return "{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}".formatted(dtype, shape, offsets);
  }
}
