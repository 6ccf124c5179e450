package athanor.model;

import static athanor.model.Architecture.ANIMA;
import static athanor.model.Architecture.AURA_FLOW;
import static athanor.model.Architecture.CHROMA;
import static athanor.model.Architecture.FLUX_1;
import static athanor.model.Architecture.FLUX_2;
import static athanor.model.Architecture.HUNYUAN_VIDEO;
import static athanor.model.Architecture.LUMINA_2;
import static athanor.model.Architecture.PIXART;
import static athanor.model.Architecture.QWEN_IMAGE;
import static athanor.model.Architecture.SD3;
import static athanor.model.Architecture.STABLE_CASCADE;
import static athanor.model.Architecture.WAN;
import static athanor.model.Architecture.Z_IMAGE;

import athanor.model.LoraModules.Module;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A module name, sometimes with a size, that only LoRAs of one transformer architecture have.
 *
 * @param architecture which one
 * @param test whether a module shows it
 */
record TransformerLoraRule(Architecture architecture, Predicate<Module> test) {
  private static final List<TransformerLoraRule> IN_ORDER =
      List.of(
          rule(STABLE_CASCADE, m -> m.written().startsWith("lora_prior_unet_")),
          rule(HUNYUAN_VIDEO, m -> m.name().contains("individual_token_refiner")),
          rule(HUNYUAN_VIDEO, m -> m.name().contains("_img_mod_linear")),
          rule(HUNYUAN_VIDEO, m -> m.name().contains("_img_mlp_fc1")),
          rule(FLUX_2, m -> m.name().startsWith("double_stream_modulation")),
          rule(FLUX_2, m -> m.name().endsWith("attn_to_qkv_mlp_proj")),
          rule(
              FLUX_2, m -> m.name().endsWith("img_attn_qkv") && (m.in() == 4096 || m.in() == 6144)),
          rule(FLUX_2, m -> m.name().endsWith("_linear1") && m.in() > 0 && m.out() == 9 * m.in()),
          rule(CHROMA, m -> m.name().startsWith("distilled_guidance_layer")),
          rule(AURA_FLOW, m -> m.name().startsWith("joint_transformer_blocks_")),
          rule(AURA_FLOW, m -> m.name().startsWith("double_layers_")),
          rule(FLUX_1, m -> m.name().startsWith("double_blocks_")),
          rule(FLUX_1, m -> m.name().startsWith("single_blocks_")),
          rule(FLUX_1, m -> m.name().startsWith("single_transformer_blocks_")),
          rule(SD3, m -> m.name().startsWith("joint_blocks_")),
          rule(
              SD3, m -> m.name().endsWith("attn_add_q_proj") && (m.in() == 1536 || m.in() == 2432)),
          rule(QWEN_IMAGE, m -> isBlock(m) && m.name().contains("_img_m")),
          rule(QWEN_IMAGE, m -> isBlock(m) && m.name().contains("_txt_m")),
          rule(ANIMA, m -> isPlainBlock(m) && m.name().contains("_self_attn_q_proj")),
          rule(ANIMA, m -> isPlainBlock(m) && m.name().contains("_mlp_layer1")),
          rule(ANIMA, m -> isPlainBlock(m) && m.name().contains("_adaln_modulation_")),
          rule(WAN, m -> isPlainBlock(m) && m.name().contains("_self_attn_")),
          rule(WAN, m -> isPlainBlock(m) && m.name().contains("_cross_attn_")),
          rule(WAN, m -> isPlainBlock(m) && m.name().contains("_ffn_")),
          rule(Z_IMAGE, m -> isLayer(m) && m.in() == 3840),
          rule(LUMINA_2, m -> isLayer(m) && m.in() == 2304),
          rule(PIXART, m -> isBlock(m) && m.name().contains("_attn1_to_") && m.in() == 1152));

  private static TransformerLoraRule rule(Architecture architecture, Predicate<Module> test) {
    return new TransformerLoraRule(architecture, test);
  }

  private static boolean isBlock(Module module) {
    return module.name().startsWith("transformer_blocks_");
  }

  private static boolean isPlainBlock(Module module) {
    return module.name().startsWith("blocks_");
  }

  private static boolean isLayer(Module module) {
    return module.name().startsWith("layers_") && module.name().contains("_attention_");
  }

  /** The first rule that a module meets. */
  static Optional<LoraArchitecture> find(List<Module> modules) {
    for (TransformerLoraRule rule : IN_ORDER) {
      for (Module module : modules) {
        if (rule.test.test(module)) {
          String size = module.in() > 0 ? " with " + module.in() + " inputs" : "";
          return Optional.of(
              new LoraArchitecture.Certain(
                  rule.architecture, "it has the module " + module.written() + size));
        }
      }
    }
    return Optional.empty();
  }
}
