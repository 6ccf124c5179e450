package athanor.merge.lora.extract;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.model.Architecture;
import athanor.model.Recognition;
import athanor.model.ReferenceCheckpoint;
import athanor.model.Target;
import athanor.testkit.Known;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.converter.ConvertWith;
import org.junit.jupiter.params.provider.CsvSource;

/** The modules that kohya's trainers change, counted in complete checkpoints. */
class TrainedModulesTest {
  @ParameterizedTest
  @CsvSource({
    "SD1, false, 192, 72",
    "SD1, true, 278, 72",
    "SD2, false, 192, 138",
    "SDXL, false, 722, 264",
    "SDXL, true, 788, 264"
  })
  void areAsManyAsKohyaTrains(
      @ConvertWith(Known.FromId.class) Architecture architecture,
      boolean conv,
      int unet,
      int texts) {
    var recognition = Recognition.of(ReferenceCheckpoint.of(architecture).orElseThrow());
    List<Target> targets = TrainedModules.of(((Recognition.Checkpoint) recognition).model(), conv);
    assertThat(targets.stream().filter(target -> target.component().isTextEncoder()))
        .hasSize(texts);
    assertThat(targets).hasSize(unet + texts);
  }
}
