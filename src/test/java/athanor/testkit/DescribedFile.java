package athanor.testkit;

import athanor.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Safetensors files made from a text that describes their tensors, one a line: type, dimensions
 * joined by commas, key, as in {@code F16 320,4 lora_unet_x.lora_up.weight}. So a change of the
 * text reaches keys and shapes instead of failing at the file format. Lines that describe nothing
 * that such a file can hold are left out.
 */
public final class DescribedFile {
  private static final int MAX_LINES = 200;

  private DescribedFile() {}

  /**
   * The file that a text describes.
   *
   * @param mostBytes bytes of values; tensors that would exceed them are left out
   * @param values repeated to fill all tensors
   */
  public static byte[] of(String text, int mostBytes, byte... values) {
    var header = new StringBuilder("{");
    long end = 0;
    for (String line : text.split("\n", MAX_LINES)) {
      String[] parts = line.split(" ", 3);
      long bytes = parts.length < 3 ? -1 : byteSize(parts[0], parts[1]);
      if (bytes < 0 || bytes > mostBytes - end) {
        continue;
      }
      String key = parts[2].replaceAll("[\\p{Cntrl}\"\\\\]", "_");
      header
          .append(header.length() > 1 ? "," : "")
          .append(
              String.format(
                  Locale.ROOT,
                  "\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%d,%d]}",
                  key,
                  parts[0],
                  parts[1],
                  end,
                  end + bytes));
      end += bytes;
    }
    byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    var out = new ByteArrayOutputStream();
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    out.writeBytes(length.putLong(json.length).array());
    out.writeBytes(json);
    byte[] data = new byte[(int) end];
    for (int i = 0; i < data.length; i++) {
      data[i] = values[i % values.length];
    }
    out.writeBytes(data);
    return out.toByteArray();
  }

  /** The size of a tensor, or -1 if the text describes none of a reasonable size. */
  private static long byteSize(String dtype, String dims) {
    try {
      long count = 1;
      for (String dim : dims.isEmpty() ? new String[0] : dims.split(",", -1)) {
        count = Math.multiplyExact(count, Long.parseUnsignedLong(dim));
      }
      long bits = Math.multiplyExact(count, (long) DType.parse(dtype).orElseThrow().bits());
      return bits < 0 || bits % 8 != 0 ? -1 : bits / 8;
    } catch (RuntimeException e) {
      return -1;
    }
  }
}
