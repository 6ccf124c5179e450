package athanor.hub;

import java.util.List;
import java.util.Locale;

/** File names of weights. */
final class Weights {
  private static final List<String> EXTENSIONS =
      List.of(".safetensors", ".ckpt", ".pt", ".pth", ".bin");

  private Weights() {}

  static boolean isName(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return EXTENSIONS.stream().anyMatch(lower::endsWith);
  }

  static boolean isSafetensors(String name) {
    return name.toLowerCase(Locale.ROOT).endsWith(".safetensors");
  }
}
