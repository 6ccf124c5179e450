package athanor.model;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.model.sd.Schedule;
import athanor.tensor.DType;
import athanor.tensor.TensorInfo;
import athanor.testkit.Known;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.converter.ConvertWith;
import org.junit.jupiter.params.provider.CsvSource;

class ReferenceCheckpointTest {

  @Test
  void sd1HasTheKeysAndShapesOfThePublishedFile() {
    assertThat(Checkpoints.of(Known.SD1)).isEqualTo(KeyTable.checkpoint("sd1"));
  }

  @Test
  void sd2HasTheKeysAndShapesOfThePublishedFile() {
    assertThat(Checkpoints.of(Known.SD2)).isEqualTo(KeyTable.checkpoint("sd2"));
  }

  @Test
  void sdxlHasTheKeysAndShapesOfThePublishedFileButNoMarkers() {
    List<TensorInfo> published =
        Checkpoints.without(KeyTable.checkpoint("sdxl"), Schedule::isScheduleKey);

    assertThat(published).hasSize(2515);
    assertThat(Checkpoints.of(Known.SDXL)).isEqualTo(published);
  }

  /** Published parameter counts; those of the distilled UNets are published in millions only. */
  @ParameterizedTest
  @CsvSource({
    "SD1, 859520964, 0",
    "SD2, 865910724, 0",
    "SDXL, 2567463684, 0",
    "SSD_1B, 1330000000, 5000000",
    "SEGMIND_VEGA, 745000000, 1000000",
    "KOALA_700M, 782000000, 1000000",
    "KOALA_1B, 1161000000, 1000000"
  })
  void unetHasTheKnownNumberOfParameters(
      @ConvertWith(Known.FromId.class) Architecture architecture, long count, long tolerance) {
    long parameters =
        Checkpoints.of(architecture).stream()
            .filter(tensor -> tensor.key().startsWith("model.diffusion_model."))
            .mapToLong(tensor -> tensor.shape().elementCount())
            .sum();

    assertThat(parameters).isBetween(count - tolerance, count + tolerance);
  }

  @Test
  void storesAllButIntegersAsTheAskedType() {
    List<TensorInfo> half = ReferenceCheckpoint.of(Known.SDXL, DType.F16).orElseThrow();

    assertThat(half).extracting(TensorInfo::dtype).containsOnly(DType.F16, DType.I64);
    assertThat(half.stream().mapToLong(TensorInfo::byteSize).sum())
        .isBetween(6_930_000_000L, 6_950_000_000L);
  }

  @Test
  void hasNoneOfWhatIsOnlyRecognised() {
    assertThat(ReferenceCheckpoint.of(Architectures.byId("pixart").orElseThrow())).isEmpty();
  }
}
