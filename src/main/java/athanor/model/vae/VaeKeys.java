package athanor.model.vae;

import athanor.model.table.KeyList;

/**
 * Lists the tensors of {@code AutoencoderKL} of the latent-diffusion code with 128 channels and
 * multipliers 1, 2, 4, 4: with 4 latent channels that of SD 1.x, SD 2.x and SDXL; with 16 it has no
 * convolutions around the latents, as that of SD 3 and FLUX.1.
 */
public final class VaeKeys {
  private static final int[] WIDTHS = {128, 256, 512, 512};
  private static final int DEEPEST = 512;

  /** The latent channels of the first kind. */
  static final int USUAL_CHANNELS = 4;

  private final String prefix;
  private final int channels;
  private final KeyList keys;

  private VaeKeys(String prefix, int channels, KeyList keys) {
    this.prefix = prefix;
    this.channels = channels;
    this.keys = keys;
  }

  /** Appends the tensors of one with 4 latent channels to {@code keys}. */
  public static void list(String prefix, KeyList keys) {
    list(prefix, USUAL_CHANNELS, keys);
  }

  /** Appends the tensors of one with so many latent channels to {@code keys}. */
  static void list(String prefix, int channels, KeyList keys) {
    var vae = new VaeKeys(prefix, channels, keys);
    vae.encoder();
    vae.decoder();
    if (channels == USUAL_CHANNELS) {
      keys.convolution(prefix + "quant_conv", 8, 8, 1);
      keys.convolution(prefix + "post_quant_conv", 4, 4, 1);
    }
  }

  private void encoder() {
    keys.convolution(prefix + "encoder.conv_in", WIDTHS[0], 3, 3);
    int width = WIDTHS[0];
    for (int level = 0; level < WIDTHS.length; level++) {
      String name = prefix + "encoder.down." + level;
      for (int block = 0; block < 2; block++) {
        resnet(name + ".block." + block, width, WIDTHS[level]);
        width = WIDTHS[level];
      }
      if (level < WIDTHS.length - 1) {
        keys.convolution(name + ".downsample.conv", width, width, 3);
      }
    }
    middle("encoder.mid");
    keys.norm(prefix + "encoder.norm_out", DEEPEST);
    keys.convolution(prefix + "encoder.conv_out", 2L * channels, DEEPEST, 3);
  }

  private void decoder() {
    keys.convolution(prefix + "decoder.conv_in", DEEPEST, channels, 3);
    middle("decoder.mid");
    int width = DEEPEST;
    for (int level = WIDTHS.length - 1; level >= 0; level--) {
      String name = prefix + "decoder.up." + level;
      for (int block = 0; block < 3; block++) {
        resnet(name + ".block." + block, width, WIDTHS[level]);
        width = WIDTHS[level];
      }
      if (level > 0) {
        keys.convolution(name + ".upsample.conv", width, width, 3);
      }
    }
    keys.norm(prefix + "decoder.norm_out", WIDTHS[0]);
    keys.convolution(prefix + "decoder.conv_out", 3, WIDTHS[0], 3);
  }

  private void middle(String name) {
    resnet(prefix + name + ".block_1", DEEPEST, DEEPEST);
    keys.norm(prefix + name + ".attn_1.norm", DEEPEST);
    for (String projection : new String[] {"q", "k", "v", "proj_out"}) {
      keys.convolution(prefix + name + ".attn_1." + projection, DEEPEST, DEEPEST, 1);
    }
    resnet(prefix + name + ".block_2", DEEPEST, DEEPEST);
  }

  private void resnet(String name, int in, int out) {
    keys.norm(name + ".norm1", in);
    keys.convolution(name + ".conv1", out, in, 3);
    keys.norm(name + ".norm2", out);
    keys.convolution(name + ".conv2", out, out, 3);
    if (in != out) {
      keys.convolution(name + ".nin_shortcut", out, in, 1);
    }
  }
}
