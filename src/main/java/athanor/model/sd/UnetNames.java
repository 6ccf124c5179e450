package athanor.model.sd;

import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Translates module names of a UNet from the latent-diffusion spelling ({@code
 * input_blocks.4.1.proj_in}) into the spelling of diffusers ({@code
 * down_blocks.1.attentions.0.proj_in}). Names are relative to the UNet and without {@code .weight}.
 */
final class UnetNames {
  private static final Map<String, String> ENDS =
      Map.of(
          "input_blocks.0.0", "conv_in",
          "out.0", "conv_norm_out",
          "out.2", "conv_out",
          "time_embed.0", "time_embedding.linear_1",
          "time_embed.2", "time_embedding.linear_2",
          "label_emb.0.0", "add_embedding.linear_1",
          "label_emb.0.2", "add_embedding.linear_2");
  private static final Map<String, String> RESNET =
      Map.of(
          "in_layers.0", "norm1",
          "in_layers.2", "conv1",
          "emb_layers.1", "time_emb_proj",
          "out_layers.0", "norm2",
          "out_layers.3", "conv2",
          "skip_connection", "conv_shortcut");

  private final int blocksPerLevel;
  private final boolean secondMiddleIsResnet;

  /**
   * Prepares the translation.
   *
   * @param blocksPerLevel residual blocks per level on the way up
   * @param hasModule whether the UNet has a module of this latent-diffusion name
   */
  UnetNames(int blocksPerLevel, Predicate<String> hasModule) {
    this.blocksPerLevel = blocksPerLevel;
    this.secondMiddleIsResnet = hasModule.test("middle_block.1.in_layers.2");
  }

  /** The diffusers name; empty when diffusers has no such module. */
  Optional<String> diffusers(String module) {
    String end = ENDS.get(module);
    if (end != null) {
      return Optional.of(end);
    }
    if (module.startsWith("input_blocks.")) {
      return input(module.substring("input_blocks.".length()));
    }
    if (module.startsWith("output_blocks.")) {
      return output(module.substring("output_blocks.".length()));
    }
    if (module.startsWith("middle_block.")) {
      return middle(module.substring("middle_block.".length()));
    }
    return Optional.empty();
  }

  private Optional<String> input(String name) {
    int block = leadingNumber(name);
    if (block < 1) {
      return Optional.empty();
    }
    String rest = afterNumber(name);
    String level = "down_blocks." + (block - 1) / blocksPerLevel;
    if (rest.equals("0.op")) {
      return Optional.of(level + ".downsamplers.0.conv");
    }
    return layer(level, (block - 1) % blocksPerLevel, rest);
  }

  private Optional<String> output(String name) {
    int block = leadingNumber(name);
    if (block < 0) {
      return Optional.empty();
    }
    String rest = afterNumber(name);
    String level = "up_blocks." + block / blocksPerLevel;
    if (rest.equals("1.conv") || rest.equals("2.conv")) {
      return Optional.of(level + ".upsamplers.0.conv");
    }
    return layer(level, block % blocksPerLevel, rest);
  }

  private Optional<String> middle(String name) {
    int index = leadingNumber(name);
    String rest = afterNumber(name);
    if (index == 1 && !secondMiddleIsResnet) {
      return Optional.of("mid_block.attentions.0." + rest);
    }
    return resnet("mid_block.resnets." + (index == 0 ? 0 : 1), rest);
  }

  private static Optional<String> layer(String level, int number, String rest) {
    if (rest.startsWith("0.")) {
      return resnet(level + ".resnets." + number, rest.substring(2));
    }
    if (rest.startsWith("1.")) {
      return Optional.of(level + ".attentions." + number + "." + rest.substring(2));
    }
    return Optional.empty();
  }

  private static Optional<String> resnet(String name, String part) {
    return Optional.ofNullable(RESNET.get(part)).map(renamed -> name + "." + renamed);
  }

  /** The number before the first dot; -1 when there is none of at most 2 digits. */
  static int leadingNumber(String name) {
    int number = 0;
    int i = 0;
    while (i < name.length() && i < 2 && Character.isDigit(name.charAt(i))) {
      number = 10 * number + name.charAt(i++) - '0';
    }
    return i > 0 && i < name.length() && name.charAt(i) == '.' ? number : -1;
  }

  private static String afterNumber(String name) {
    return name.substring(name.indexOf('.') + 1);
  }
}
