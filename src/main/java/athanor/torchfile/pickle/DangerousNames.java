package athanor.torchfile.pickle;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/**
 * The table {@code dangerous-globals.txt}: Python modules and functions that a pickle mentions in
 * order to run something. It is no barrier, since nothing runs here anyway; it lets the report call
 * a hostile file hostile.
 */
final class DangerousNames {
  private static final String TABLE = "dangerous-globals.txt";
  private static final Set<String> MODULES = new HashSet<>();
  private static final Set<String> NAMES = new HashSet<>();

  static {
    for (String line : read().lines().toList()) {
      String[] words = line.split("#", 2)[0].strip().split("\\s+");
      if (words.length == 1) {
        MODULES.add(words[0]);
      }
      for (int i = 1; i < words.length; i++) {
        NAMES.add(words[0] + " " + words[i]);
      }
    }
  }

  private DangerousNames() {}

  /** Whether the name, its module, or a package above its module is in the table. */
  static boolean contain(String module, String name) {
    if (NAMES.contains(module + " " + name.split("\\.", 2)[0])) {
      return true;
    }
    for (int end = module.length(); end > 0; end = module.lastIndexOf('.', end - 1)) {
      if (MODULES.contains(module.substring(0, end))) {
        return true;
      }
    }
    return false;
  }

  private static String read() {
    try (InputStream table = DangerousNames.class.getResourceAsStream(TABLE)) {
      return new String(Objects.requireNonNull(table).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
