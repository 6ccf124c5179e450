package athanor.merge.lora.extract;

import athanor.model.Architecture;
import athanor.model.CheckpointModel;
import athanor.model.Component;
import athanor.model.Target;
import athanor.model.TargetIndex;
import java.util.Comparator;
import java.util.List;

/**
 * The modules that kohya's trainers change: of the UNet the linear layers and 1×1 convolutions of
 * the transformers (192 for SD 1.x, 722 for SDXL), of the text encoders the attention and the MLP
 * of every layer that is used (72, 72 + 192). With convolutions also every layer of the residual
 * blocks and of the steps between resolutions (86 and 66 more).
 */
final class TrainedModules {
  private static final String LAST_LAYER_OF_SD2 = ".encoder.layers.23.";

  private TrainedModules() {}

  /** The modules of a checkpoint, sorted by kohya's names. */
  static List<Target> of(CheckpointModel model, boolean convolutions) {
    return TargetIndex.of(model).targets().stream()
        .filter(target -> isTrained(target, model.architecture(), convolutions))
        .sorted(Comparator.comparing(Target::kohyaName))
        .toList();
  }

  private static boolean isTrained(Target target, Architecture architecture, boolean convolutions) {
    if (target.shape().rank() != 2 && target.shape().rank() != 4) {
      return false;
    }
    String name = target.diffusersName();
    if (target.component().isTextEncoder()) {
      return isTextLayer(name)
          && !(architecture == Architecture.SD2 && name.contains(LAST_LAYER_OF_SD2));
    }
    if (target.component() != Component.UNET) {
      return false;
    }
    return name.contains(".attentions.") || convolutions && isBetweenTransformers(name);
  }

  private static boolean isTextLayer(String name) {
    return name.contains(".self_attn.") || name.contains(".mlp.fc");
  }

  private static boolean isBetweenTransformers(String name) {
    return name.contains(".resnets.")
        || name.contains(".downsamplers.")
        || name.contains(".upsamplers.");
  }
}
