package athanor.merge.engine;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.delta.Arithmetic;
import athanor.delta.Change;
import athanor.delta.LoadedTransform;
import athanor.delta.Placement;
import athanor.delta.RowTransform;
import athanor.merge.plan.TensorPlan;
import athanor.merge.plan.TensorSource;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryForecastTest {
  @TempDir private Path folder;

  private record Together(int rowsTogether) implements RowTransform {
    @Override
    public long loadedBytes() {
      return 0;
    }

    @Override
    public LoadedTransform load(Shape shape, Arithmetic arithmetic) {
      return (_, _, _) -> {};
    }
  }

  /** Block, copy before, copy after, bytes and the transform's own. */
  @Test
  void countsRowsThatATransformNeedsAtOnce() {
    Path path =
        new TensorFile()
            .put("w", DType.F32, Shape.of(2560, 640), new float[2560 * 640])
            .write(folder.resolve("base.safetensors"));
    try (StateDict base = SafetensorsFile.open(path)) {
      long more = forecast(base, 2560) - forecast(base, 1);
      long weight = 2560L * 640 * Float.BYTES;
      assertThat(more).isBetween(4 * weight, 6 * weight);
    }
  }

  private static long forecast(StateDict base, int together) {
    var tensor = base.find("w").orElseThrow();
    Placement whole = Placement.whole("w", tensor.shape());
    return MemoryForecast.bytes(
        List.of(
            new TensorPlan(
                new TensorSource.Stored(base, tensor),
                tensor,
                List.of(new Change.Transform(new Together(together), whole)))),
        1);
  }
}
