package athanor.model;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.Known;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.converter.ConvertWith;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Writes out every legal name of every target, from the diffusers and kohya names, and compares
 * that with what the index finds.
 */
class AliasCompletenessTest {
  private static final Set<Architecture> SINGLE_ENCODER =
      Set.of(Known.SD1, Known.SD2, Known.SDXL_REFINER);
  private static final String PEFT = "base_model.model.";

  @ParameterizedTest
  @ValueSource(strings = {"SD1", "SD2", "SDXL", "SDXL_REFINER", "SSD_1B", "KOALA_700M"})
  void everyGeneratedNameMeansExactlyItsTarget(
      @ConvertWith(Known.FromId.class) Architecture architecture) {
    TargetIndex index = TargetIndex.ofReference(architecture).orElseThrow();
    Map<String, Target> generated = new HashMap<>();
    for (Target target : index.targets()) {
      for (String alias : aliases(target, architecture)) {
        Target other = generated.put(alias, target);
        assertThat(other == null || other.equals(target)).as(alias).isTrue();
      }
    }

    generated.forEach((alias, target) -> assertThat(index.find(alias)).as(alias).contains(target));
    assertThat(generated).hasSizeGreaterThan(20 * index.targets().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"SD1", "SDXL"})
  void noOtherCombinationOfPrefixAndNameIsFound(
      @ConvertWith(Known.FromId.class) Architecture architecture) {
    TargetIndex index = TargetIndex.ofReference(architecture).orElseThrow();
    Target unet = index.find("unet.mid_block.resnets.0.conv1").orElseThrow();
    Target text = index.find("text_encoder.text_model.encoder.layers.0.mlp.fc1").orElseThrow();

    for (String wrong : List.of("lora_te_", "lora_te1_", "lora_te2_", "lora_", "LORA_UNET_")) {
      assertThat(index.find(wrong + "mid_block_resnets_0_conv1")).isEmpty();
    }
    for (String wrong : List.of("lora_unet_", "lora_te3_", "lycoris_", "lora_te__", "")) {
      assertThat(index.find(wrong + "text_model_encoder_layers_0_mlp_fc1")).isEmpty();
    }
    for (Target target : List.of(unet, text)) {
      for (String alias : aliases(target, architecture)) {
        assertThat(index.find(alias + "_0")).as(alias).isEmpty();
        assertThat(index.find(alias + ".weight")).as(alias).isEmpty();
        assertThat(index.find("x" + alias)).as(alias).isEmpty();
      }
    }
  }

  private static Set<String> aliases(Target target, Architecture architecture) {
    var all = new LinkedHashSet<String>();
    String key = target.weight().key();
    if (!key.contains("in_proj_weight")) {
      all.add(key.replaceFirst("\\.weight$", ""));
    }
    if (target.component() == Component.UNET) {
      addUnet(target, key, all);
    } else if (!target.diffusersName().contains("in_proj")) {
      addText(target, architecture, all);
    }
    return all;
  }

  private static void addUnet(Target target, String key, Set<String> all) {
    String module =
        key.replaceFirst("\\.weight$", "").replaceFirst("^model\\.diffusion_model\\.", "");
    String diffusers = target.diffusersName().replaceFirst("^unet\\.", "");
    for (String name : List.of(module, diffusers)) {
      String flat = name.replace('.', '_');
      for (String prefix :
          List.of("lora_unet_", "lora_unet__", "oft_unet_", "oft_unet__", "lycoris_")) {
        all.add(prefix + flat);
      }
      addDotted(name, all, "unet.", "diffusion_model.", "model.diffusion_model.", "");
    }
    String old = diffusers.replaceFirst("\\.to_out\\.0$", ".to_out");
    if (old.contains(".to_")) {
      addDotted(old, all, "unet.", "");
      addDotted(old.replace(".to_", ".processor.to_"), all, "unet.", "");
    }
  }

  private static void addText(Target target, Architecture architecture, Set<String> all) {
    boolean single = SINGLE_ENCODER.contains(architecture);
    boolean second = target.component() == Component.TEXT_ENCODER_2;
    String name = target.diffusersName().replaceFirst("^text_encoder(_2)?\\.", "");
    for (String spelling : distinct(name, name.replaceFirst("^text_model\\.", ""))) {
      String flat = spelling.replace('.', '_');
      String old =
          spelling
              .replaceFirst("self_attn\\.([qkv])_proj$", "self_attn.to_$1")
              .replaceFirst("self_attn\\.out_proj$", "self_attn.to_out");
      if (second) {
        all.add("lora_te2_" + flat);
      }
      if (single || !second) {
        all.add("lora_te_" + flat);
      }
      if (!second) {
        all.add("lora_te1_" + flat);
      }
      for (String dotted : distinct(spelling, old)) {
        addDotted(dotted, all, second ? "text_encoder_2." : "text_encoder.");
        if (single) {
          addDotted(dotted, all, "text_encoder.", "");
        }
      }
    }
  }

  private static Set<String> distinct(String one, String other) {
    return new LinkedHashSet<>(List.of(one, other));
  }

  private static void addDotted(String name, Set<String> all, String... components) {
    for (String component : components) {
      all.add(component + name);
      all.add(PEFT + component + name);
      all.add(component + PEFT + name);
      all.add(PEFT + component + PEFT + name);
    }
  }
}
