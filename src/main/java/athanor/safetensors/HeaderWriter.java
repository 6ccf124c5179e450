package athanor.safetensors;

import athanor.error.Problem;
import athanor.tensor.TensorInfo;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * Spells a header exactly as the reference implementation does: compact JSON, {@code __metadata__}
 * first, raw UTF-8, escapes only where JSON demands them, padded with spaces to a multiple of 8.
 * Metadata keys are sorted, where the reference leaves their order to chance.
 */
final class HeaderWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 16);
  private boolean first = true;

  HeaderWriter() {
    ascii("{");
  }

  void metadata(Map<String, String> metadata) {
    var sorted = new TreeMap<String, String>(CodePointOrder.INSTANCE);
    sorted.putAll(metadata);
    name(HeaderParser.METADATA);
    ascii("{");
    String separator = "";
    for (Map.Entry<String, String> entry : sorted.entrySet()) {
      ascii(separator);
      text(entry.getKey());
      ascii(":");
      text(entry.getValue());
      separator = ",";
    }
    ascii("}");
  }

  void tensor(TensorInfo info, long begin, long end) {
    name(info.key());
    ascii("{\"dtype\":\"" + info.dtype().name() + "\",\"shape\":[");
    for (int axis = 0; axis < info.shape().rank(); axis++) {
      ascii((axis == 0 ? "" : ",") + info.shape().dim(axis));
    }
    ascii("],\"data_offsets\":[" + begin + "," + end + "]}");
  }

  /**
   * The finished header.
   *
   * @throws athanor.error.AthanorException if it is longer than the format allows
   */
  byte[] finish() {
    ascii("}");
    while (out.size() % 8 != 0) {
      out.write(' ');
    }
    if (out.size() > SafetensorsHeader.MAX_LENGTH) {
      throw Problem.badFile("names and metadata are too long for a safetensors header")
          .found(out.size() + " bytes")
          .expected(SafetensorsHeader.MAX_LENGTH + " at most")
          .toException();
    }
    return out.toByteArray();
  }

  private void name(String key) {
    if (!first) {
      ascii(",");
    }
    first = false;
    text(key);
    ascii(":");
  }

  private void text(String text) {
    if (HeaderText.hasLoneSurrogate(text)) {
      throw Problem.badFile("this text cannot be stored: it has half of a surrogate pair")
          .found(SafetensorsHeader.shown(text))
          .toException();
    }
    var escaped = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> escaped.append("\\\"");
        case '\\' -> escaped.append("\\\\");
        case '\b' -> escaped.append("\\b");
        case '\t' -> escaped.append("\\t");
        case '\n' -> escaped.append("\\n");
        case '\f' -> escaped.append("\\f");
        case '\r' -> escaped.append("\\r");
        default -> {
          if (c < ' ') {
            escaped.append("\\u").append(HexFormat.of().toHexDigits(c));
          } else {
            escaped.append(c);
          }
        }
      }
    }
    out.writeBytes(escaped.append('"').toString().getBytes(StandardCharsets.UTF_8));
  }

  private void ascii(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }
}
