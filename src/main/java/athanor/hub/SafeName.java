package athanor.hub;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Turns a name that someone else chose into a file name that is harmless on every system: one
 * component, no control or direction characters, none that Windows forbids, no device name, not
 * hidden, not an option, none of this program's own names, at most 180 bytes with its extension
 * kept.
 */
final class SafeName {
  private static final int MOST_BYTES = 180;

  /** Names that this program gives its own files, so that no server can give one of them. */
  private static final Pattern OURS = Pattern.compile("(?i)\\.(athanor-|partial$)");

  private static final Pattern DEVICE =
      Pattern.compile("(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\\$|conout\\$)(\\..*)?");

  private SafeName() {}

  /** The harmless form of {@code name}; {@code fallback} if nothing of it is left. */
  static String of(String name, String fallback) {
    String base = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    var out = new StringBuilder();
    base.codePoints()
        .filter(SafeName::isVisible)
        .map(point -> "<>:\"|?*".indexOf(point) >= 0 ? '_' : point)
        .forEach(out::appendCodePoint);
    String clean = out.toString().replaceAll("[. ]+$", "").replaceAll("^[-. ]+", "");
    if (clean.isEmpty()) {
      return fallback;
    }
    if (DEVICE.matcher(clean).matches()) {
      clean = "_" + clean;
    }
    return encodable(shorten(OURS.matcher(clean).replaceAll("_$1")));
  }

  /** A system whose locale is not installed cannot write names in other scripts. */
  private static String encodable(String name) {
    try {
      return Path.of(name).toString();
    } catch (InvalidPathException e) {
      return name.replaceAll("[^\\x20-\\x7e]", "_");
    }
  }

  private static boolean isVisible(int point) {
    int type = Character.getType(point);
    return type != Character.CONTROL
        && type != Character.FORMAT
        && type != Character.SURROGATE
        && type != Character.LINE_SEPARATOR
        && type != Character.PARAGRAPH_SEPARATOR
        && type != Character.UNASSIGNED;
  }

  /** The name with {@code -addition} before its extension. */
  static String with(String name, String addition) {
    int dot = extensionAt(name);
    return name.substring(0, dot) + "-" + addition + name.substring(dot);
  }

  private static String shorten(String name) {
    int dot = extensionAt(name);
    String extension = name.substring(dot);
    String stem = name.substring(0, dot);
    while (bytes(stem) + bytes(extension) > MOST_BYTES) {
      stem = stem.substring(0, stem.offsetByCodePoints(stem.length(), -1));
    }
    return stem.replaceAll("[. ]+$", "") + extension;
  }

  private static int extensionAt(String name) {
    int dot = name.lastIndexOf('.');
    boolean extension = dot > 0 && name.length() - dot <= 13;
    return extension ? dot : name.length();
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** Whether many files of this name exist, so that it says nothing about its content. */
  static boolean isGeneric(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    int dot = extensionAt(lower);
    return switch (lower.substring(0, dot)) {
      case "model",
          "lora",
          "pytorch_lora_weights",
          "pytorch_model",
          "diffusion_pytorch_model",
          "diffusion_pytorch_model.fp16",
          "model.fp16",
          "adapter_model",
          "last",
          "final",
          "weights",
          "download" ->
          true;
      default -> false;
    };
  }
}
