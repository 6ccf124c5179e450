package athanor.model;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.tensor.DType;
import athanor.tensor.TensorInfo;
import athanor.testkit.Known;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.converter.ConvertWith;
import org.junit.jupiter.params.provider.CsvSource;

/** UNets in the layout of diffusers, as bases. */
class DiffusersUnetTest {
  private static final String UNET = "model.diffusion_model.";

  /** The reference UNet with the names that its targets have in diffusers. */
  private static List<TensorInfo> unet(Architecture architecture) {
    TargetIndex index = TargetIndex.ofReference(architecture).orElseThrow();
    List<TensorInfo> tensors = new ArrayList<>();
    for (TensorInfo tensor : ReferenceCheckpoint.of(architecture, DType.F16).orElseThrow()) {
      if (tensor.key().startsWith(UNET)) {
        int dot = tensor.key().lastIndexOf('.');
        String name = index.find(tensor.key().substring(0, dot)).orElseThrow().diffusersName();
        String key = name.substring("unet.".length()) + tensor.key().substring(dot);
        tensors.add(new TensorInfo(key, tensor.dtype(), tensor.shape()));
      }
    }
    return tensors;
  }

  @ParameterizedTest
  @CsvSource({"SD1, 686", "SD2, 686", "SDXL, 1680"})
  void isTheCheckpointThatItIsAPartOf(
      @ConvertWith(Known.FromId.class) Architecture architecture, int keys) {
    List<TensorInfo> tensors = unet(architecture);
    assertThat(tensors.size()).isEqualTo(keys);

    CheckpointModel model = ((Recognition.Checkpoint) Recognition.of(tensors)).model();

    assertThat(model.architecture()).isEqualTo(architecture);
    assertThat(model.missing()).isEmpty();
    assertThat(model.traits()).containsExactly(Trait.NO_VAE, Trait.NO_TEXT_ENCODER);
    assertThat(model.tensors()).containsExactlyElementsOf(tensors);
    TargetIndex index = TargetIndex.of(model);
    Set<String> found = new HashSet<>();
    for (Target target : TargetIndex.ofReference(architecture).orElseThrow().targets()) {
      if (target.component() == Component.UNET) {
        Target here = index.find(target.kohyaName()).orElseThrow();
        assertThat(index.find(target.diffusersName())).contains(here);
        assertThat(here.deltaShape()).isEqualTo(target.deltaShape());
        assertThat(here.block()).isEqualTo(target.block());
        assertThat(model.find(here.weight().key())).isPresent();
        assertThat(found.add(here.weight().key())).isTrue();
      }
    }
  }
}
