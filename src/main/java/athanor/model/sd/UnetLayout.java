package athanor.model.sd;

import athanor.model.CheckpointModel;
import athanor.model.Component;
import athanor.model.Layout;
import athanor.model.Target;
import athanor.model.naming.ComponentNames;
import athanor.model.table.KeyList;
import athanor.model.table.KeySet;
import athanor.model.vae.VaeKeys;
import athanor.tensor.TensorInfo;
import java.util.Comparator;
import java.util.List;

/**
 * The layout of checkpoints with a latent-diffusion UNet: the UNet, one or two CLIP text encoders,
 * the autoencoder.
 */
final class UnetLayout implements Layout {
  private static final String UNET_PREFIX = ComponentNames.of("denoiser").checkpoint().getFirst();
  private static final String VAE_PREFIX = ComponentNames.of("vae").checkpoint().getFirst();

  private final UnetArchitecture architecture;
  private final UnetPlan plan;

  UnetLayout(UnetArchitecture architecture, UnetPlan plan) {
    this.architecture = architecture;
    this.plan = plan;
  }

  UnetPlan plan() {
    return plan;
  }

  UnetArchitecture architecture() {
    return architecture;
  }

  @Override
  public List<TensorInfo> reference() {
    var keys = new KeyList();
    UnetKeys.list(plan, UNET_PREFIX, keys);
    for (TextEncoderPlan encoder : plan.encoders()) {
      encoder.list(encoder.usual(), keys);
    }
    VaeKeys.list(VAE_PREFIX, keys);
    if (plan.storesSchedule()) {
      Schedule.VECTORS.forEach(name -> keys.tensor(name, Schedule.STEPS));
    }
    keys.tensors().sort(Comparator.comparing(TensorInfo::key));
    return List.copyOf(keys.tensors());
  }

  @Override
  public CheckpointModel read(KeySet keys, String prefix) {
    int inFile = keys.count(key -> UnetFinder.isUnetKey(key, prefix));
    PlannedUnet planned = PlannedUnet.of(plan, keys, prefix, inFile);
    return new CheckpointSurvey(
            architecture, keys, prefix, planned, UnetFinder.dimensions(keys, prefix))
        .model();
  }

  /**
   * Of the UNet the linear layers and 1×1 convolutions of the transformers (192 for SD 1.x, 722 for
   * SDXL), of the text encoders the attention and the MLP of every layer that is used (72, 72 +
   * 192). With convolutions also every layer of the residual blocks and of the steps between
   * resolutions (86 and 66 more).
   */
  @Override
  public boolean isTrained(Target target, boolean convolutions) {
    if (target.shape().rank() != 2 && target.shape().rank() != 4) {
      return false;
    }
    String name = target.diffusersName();
    if (target.component().isTextEncoder()) {
      return isTextLayer(name) && !isUnusedTextLayer(name);
    }
    if (target.component() != Component.UNET) {
      return false;
    }
    return name.contains(".attentions.") || convolutions && isBetweenTransformers(name);
  }

  private static boolean isTextLayer(String name) {
    return name.contains(".self_attn.") || name.contains(".mlp.fc");
  }

  private boolean isUnusedTextLayer(String name) {
    return plan.unusedTextLayer().stream()
        .anyMatch(layer -> name.contains(".encoder.layers." + layer + "."));
  }

  private static boolean isBetweenTransformers(String name) {
    return name.contains(".resnets.")
        || name.contains(".downsamplers.")
        || name.contains(".upsamplers.");
  }
}
