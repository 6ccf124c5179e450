package athanor.delta;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A delta for a fused weight, applied to a part of it. */
class PartialDeltaTest extends DeltaContract {
  private static final List<Rows.Run> RUNS = List.of(new Rows.Run(4, 2), new Rows.Run(1, 2));

  @Override
  protected TensorFile tensors() {
    return new TensorFile()
        .put("up", DType.F32, Shape.of(6, 2), g(5, 2, 12))
        .put("down", DType.F32, Shape.of(2, 4), g(7, 3, 8));
  }

  private static LowRankDelta whole(StateDict source) {
    return new LowRankDelta(
        source,
        source.find("up").orElseThrow(),
        source.find("down").orElseThrow(),
        Optional.empty(),
        0.5);
  }

  @Override
  protected Delta delta(StateDict source) {
    return new PartialDelta(whole(source), RUNS);
  }

  /** Rows 4, 5, 1, 2 of the golden ΔW. */
  @Override
  protected Expected expected() {
    return new Expected(0.1523437500, 1.4003906250, 0.0585937500, -0.0390625000, 0.0292968750);
  }

  @Test
  void anAdditionIsRestrictedToTheRowsItHasInCommon(@TempDir Path folder) {
    Path file = tensors().write(folder.resolve("whole.safetensors"));
    try (StateDict source = SafetensorsFile.open(file)) {
      Rows swapped = new Rows("w", List.of(new Rows.Run(3, 3), new Rows.Run(0, 3)), 6);
      var add = new Change.Add(whole(source), new Placement(swapped, Shape.of(6, 4), false), 0.7);
      Change.Add part = add.restrictedTo(Rows.of("w", 2, 2, 6));
      assertThat(part.rows()).isEqualTo(Rows.of("w", 2, 2, 6));
      assertThat(part.ratio()).isEqualTo(0.7);
      float[] all = new float[24];
      float[] some = new float[8];
      Arithmetic full = Arithmetic.float32(KERNELS);
      add.delta().load(full).rows(0, 6, all);
      part.delta().load(full).rows(0, 2, some);
      assertThat(Arrays.copyOfRange(some, 0, 4)).containsExactly(Arrays.copyOfRange(all, 20, 24));
      assertThat(Arrays.copyOfRange(some, 4, 8)).containsExactly(Arrays.copyOfRange(all, 0, 4));
      assertThat(add.restrictedTo(swapped)).isSameAs(add);
      Change.Add inOrder = add.restrictedTo(Rows.whole("w", 6));
      assertThat(inOrder.rows().isWhole()).isTrue();
      float[] turned = new float[24];
      inOrder.delta().load(full).rows(0, 6, turned);
      assertThat(Arrays.copyOfRange(turned, 0, 12))
          .containsExactly(Arrays.copyOfRange(all, 12, 24));
    }
  }

  @Test
  void whatIsTransposedCannotBeRestricted(@TempDir Path folder) {
    Path file = tensors().write(folder.resolve("turned.safetensors"));
    try (StateDict source = SafetensorsFile.open(file)) {
      var add =
          new Change.Add(whole(source), new Placement(Rows.whole("w", 4), Shape.of(6, 4), true), 1);
      assertThatThrownBy(() -> add.restrictedTo(Rows.of("w", 0, 2, 4)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
