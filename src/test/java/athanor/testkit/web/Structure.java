package athanor.testkit.web;

import athanor.tensor.TensorInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A safetensors file of any size of which only the header is kept; its values are one pattern. For
 * verdicts, not for downloads: what it gives as its hash is that of the header.
 *
 * @param header length and header
 * @param size of the whole file in bytes
 */
@SuppressWarnings("ArrayRecordComponent") // handed over without copying
public record Structure(byte[] header, long size) implements Blob {
  private static final byte PATTERN = 0x2a;
  private static final int BLOCK = 1 << 16;

  /** A file with these tensors. */
  public static Structure of(List<TensorInfo> tensors) {
    var json = new StringBuilder("{");
    long end = 0;
    for (TensorInfo tensor : tensors) {
      json.append(json.length() == 1 ? "" : ",")
          .append('"')
          .append(tensor.key())
          .append("\":{\"dtype\":\"")
          .append(tensor.dtype())
          .append("\",\"shape\":")
          .append(tensor.shape().toString().replace(" ", ""))
          .append(",\"data_offsets\":[")
          .append(end)
          .append(',')
          .append(end += tensor.byteSize())
          .append("]}");
    }
    byte[] text = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer header = ByteBuffer.allocate(8 + text.length).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(text.length).put(text);
    return new Structure(header.array(), header.capacity() + end);
  }

  @Override
  public void write(OutputStream out, long from, long to) throws IOException {
    long at = from;
    if (at < header.length) {
      int count = (int) (Math.min(to, header.length) - at);
      out.write(header, (int) at, count);
      at += count;
    }
    var block = new ByteArrayOutputStream(BLOCK);
    while (at < to) {
      block.reset();
      for (long i = Math.min(BLOCK, to - at); i > 0; i--) {
        block.write(PATTERN);
      }
      block.writeTo(out);
      at += block.size();
    }
  }

  @Override
  public String sha256() {
    return Blob.digest("SHA-256", header);
  }
}
