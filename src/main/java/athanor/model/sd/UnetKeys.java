package athanor.model.sd;

import athanor.model.table.KeyList;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Lists the tensors of a planned UNet under their latent-diffusion names, in the wiring of {@code
 * UNetModel} of the latent-diffusion code: each block on the way up takes the output of its
 * counterpart on the way down beside its own input.
 */
final class UnetKeys {
  private static final int LATENT_CHANNELS = 4;

  private final UnetPlan plan;
  private final String prefix;
  private final KeyList keys;
  private final Deque<Integer> skipped = new ArrayDeque<>();

  private UnetKeys(UnetPlan plan, String prefix, KeyList keys) {
    this.plan = plan;
    this.prefix = prefix;
    this.keys = keys;
  }

  /** Appends the tensors of {@code plan} to {@code keys}. */
  static void list(UnetPlan plan, String prefix, KeyList keys) {
    var unet = new UnetKeys(plan, prefix, keys);
    unet.embeddings();
    int deepest = unet.wayDown();
    unet.middle(deepest);
    unet.wayUp(deepest);
    keys.norm(prefix + "out.0", plan.channels());
    keys.convolution(prefix + "out.2", LATENT_CHANNELS, plan.channels(), 3);
  }

  private int embedding() {
    return 4 * plan.channels();
  }

  private void embeddings() {
    keys.linear(prefix + "time_embed.0", embedding(), plan.channels());
    keys.linear(prefix + "time_embed.2", embedding(), embedding());
    if (plan.adm() > 0) {
      keys.linear(prefix + "label_emb.0.0", embedding(), plan.adm());
      keys.linear(prefix + "label_emb.0.2", embedding(), embedding());
    }
  }

  private int wayDown() {
    keys.convolution(prefix + "input_blocks.0.0", plan.channels(), LATENT_CHANNELS, 3);
    skipped.push(plan.channels());
    int width = plan.channels();
    int block = 1;
    int levels = plan.multipliers().size();
    for (int level = 0; level < levels; level++) {
      int levelWidth = plan.channels() * plan.multipliers().get(level);
      for (int resnet = 0; resnet < plan.resnets(); resnet++) {
        String name = prefix + "input_blocks." + block++;
        resnet(name + ".0", width, levelWidth);
        width = levelWidth;
        attention(name + ".1", width, plan.inputDepths().get(level * plan.resnets() + resnet));
        skipped.push(width);
      }
      if (level < levels - 1) {
        keys.convolution(prefix + "input_blocks." + block++ + ".0.op", width, width, 3);
        skipped.push(width);
      }
    }
    return width;
  }

  private void middle(int width) {
    if (plan.middleDepth() == UnetPlan.NO_MIDDLE) {
      return;
    }
    resnet(prefix + "middle_block.0", width, width);
    if (plan.middleDepth() != UnetPlan.MIDDLE_WITHOUT_ATTENTION) {
      attention(prefix + "middle_block.1", width, plan.middleDepth());
      resnet(prefix + "middle_block.2", width, width);
    }
  }

  private void wayUp(int deepest) {
    int width = deepest;
    int block = 0;
    for (int level = plan.multipliers().size() - 1; level >= 0; level--) {
      int levelWidth = plan.channels() * plan.multipliers().get(level);
      for (int resnet = 0; resnet < plan.blocksPerLevel(); resnet++) {
        String name = prefix + "output_blocks." + block;
        int depth = plan.outputDepths().get(block);
        resnet(name + ".0", width + skipped.pop(), levelWidth);
        width = levelWidth;
        attention(name + ".1", width, depth);
        if (level > 0 && resnet == plan.blocksPerLevel() - 1) {
          keys.convolution(name + (depth > 0 ? ".2" : ".1") + ".conv", width, width, 3);
        }
        block++;
      }
    }
  }

  private void resnet(String name, int in, int out) {
    keys.norm(name + ".in_layers.0", in);
    keys.convolution(name + ".in_layers.2", out, in, 3);
    keys.linear(name + ".emb_layers.1", out, embedding());
    keys.norm(name + ".out_layers.0", out);
    keys.convolution(name + ".out_layers.3", out, out, 3);
    if (in != out) {
      keys.convolution(name + ".skip_connection", out, in, 1);
    }
  }

  private void attention(String name, int width, int depth) {
    if (depth == 0) {
      return;
    }
    keys.norm(name + ".norm", width);
    projection(name + ".proj_in", width);
    for (int t = 0; t < depth; t++) {
      String block = name + ".transformer_blocks." + t;
      crossAttention(block + ".attn1", width, width);
      keys.linear(block + ".ff.net.0.proj", 8L * width, width);
      keys.linear(block + ".ff.net.2", width, 4L * width);
      crossAttention(block + ".attn2", width, plan.context());
      keys.norm(block + ".norm1", width);
      keys.norm(block + ".norm2", width);
      keys.norm(block + ".norm3", width);
    }
    projection(name + ".proj_out", width);
  }

  private void projection(String name, int width) {
    if (plan.linearProjections()) {
      keys.linear(name, width, width);
    } else {
      keys.convolution(name, width, width, 1);
    }
  }

  private void crossAttention(String name, int width, int context) {
    keys.linearWithoutBias(name + ".to_q", width, width);
    keys.linearWithoutBias(name + ".to_k", width, context);
    keys.linearWithoutBias(name + ".to_v", width, context);
    keys.linear(name + ".to_out.0", width, width);
  }
}
