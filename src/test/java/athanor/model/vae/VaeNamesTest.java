package athanor.model.vae;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.model.KeyTable;
import athanor.tensor.DType;
import athanor.tensor.TensorInfo;
import athanor.testkit.VaeFile;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VaeNamesTest {
  private final VaeNames names = VaeNames.create();

  @Test
  void knowsTheTensorsOfEveryPublishedCheckpoint() {
    for (String checkpoint : List.of("sd1", "sd2", "sdxl")) {
      assertThat(names.places().keySet())
          .containsExactlyInAnyOrderElementsOf(
              KeyTable.checkpoint(checkpoint).stream()
                  .map(TensorInfo::key)
                  .filter(key -> key.startsWith(VaeFile.PREFIX))
                  .map(key -> key.substring(VaeFile.PREFIX.length()))
                  .toList())
          .hasSize(248);
    }
  }

  @Test
  void translatesOneToOne() {
    for (Function<String, String> spelling :
        List.<Function<String, String>>of(VaeNames::diffusers, VaeNames::oldDiffusers)) {
      assertThat(names.places().keySet().stream().map(spelling).distinct()).hasSize(248);
      names
          .places()
          .forEach((name, place) ->
              assertThat(names.place(spelling.apply(name))).as(name).contains(place));
    }
  }

  @Test
  void agreesWithAnIndependentRenaming() {
    assertThat(names.places().keySet().stream().map(VaeNames::diffusers))
        .containsExactlyInAnyOrderElementsOf(keys(VaeFile.diffusers(DType.F16)));
    assertThat(names.places().keySet().stream().map(VaeNames::oldDiffusers))
        .containsExactlyInAnyOrderElementsOf(keys(VaeFile.oldDiffusers(DType.F16)));
  }

  private static List<String> keys(List<TensorInfo> tensors) {
    return tensors.stream().map(TensorInfo::key).toList();
  }

  /** Pairs as they stand in published files. */
  @ParameterizedTest
  @CsvSource({
    "encoder.conv_in.weight, encoder.conv_in.weight",
    "encoder.norm_out.bias, encoder.conv_norm_out.bias",
    "encoder.down.1.block.0.nin_shortcut.weight,"
        + " encoder.down_blocks.1.resnets.0.conv_shortcut.weight",
    "encoder.down.2.downsample.conv.bias, encoder.down_blocks.2.downsamplers.0.conv.bias",
    "encoder.mid.block_2.norm1.weight, encoder.mid_block.resnets.1.norm1.weight",
    "decoder.mid.attn_1.norm.weight, decoder.mid_block.attentions.0.group_norm.weight",
    "decoder.mid.attn_1.proj_out.bias, decoder.mid_block.attentions.0.to_out.0.bias",
    "decoder.up.3.block.2.conv1.weight, decoder.up_blocks.0.resnets.2.conv1.weight",
    "decoder.up.1.upsample.conv.weight, decoder.up_blocks.2.upsamplers.0.conv.weight",
    "post_quant_conv.weight, post_quant_conv.weight"
  })
  void writesTheNamesOfDiffusers(String original, String diffusers) {
    assertThat(VaeNames.diffusers(original)).isEqualTo(diffusers);
  }

  @Test
  void knowsNoOtherNames() {
    assertThat(names.place("decoder.up.4.block.0.conv1.weight")).isEmpty();
    assertThat(names.place("loss.discriminator.main.0.weight")).isEmpty();
  }
}
