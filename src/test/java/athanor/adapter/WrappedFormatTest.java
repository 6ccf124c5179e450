package athanor.adapter;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.adapter.format.AdapterFormats;
import athanor.adapter.format.Destination;
import athanor.adapter.format.ModuleTensors;
import athanor.adapter.format.Part;
import athanor.adapter.format.Suffix;
import athanor.adapter.format.SuffixTable;
import athanor.adapter.format.WrappingFormat;
import athanor.delta.Change;
import athanor.error.Problem;
import athanor.model.Component;
import athanor.model.Target;
import athanor.model.block.BlockScheme;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A format around another changes what that does, whatever the other is. */
class WrappedFormatTest {
  private static final Target TARGET =
      new Target(
          Rows.whole("w", 6),
          Shape.of(6, 4),
          false,
          Optional.of(Rows.whole("b", 6)),
          Component.UNET,
          BlockScheme.named("unet").block("BASE"),
          "m",
          "m");

  @TempDir private Path folder;

  /** Doubles what changes the weight. */
  private static final class Doubling implements WrappingFormat {
    private static final Part FLAG = new Part("doubling", "flag");

    @Override
    public String label() {
      return "doubling";
    }

    @Override
    public List<Suffix> suffixes() {
      return List.of(Suffix.of(".double", FLAG));
    }

    @Override
    public Optional<Problem> problem(ModuleTensors module) {
      return module.get(FLAG).shape().elementCount() == 1
          ? Optional.empty()
          : Optional.of(module.broken("more than one flag"));
    }

    @Override
    public List<Change> wrap(ModuleTensors module, Destination destination, List<Change> inner) {
      return inner.stream()
          .map(change -> change.place().equals(destination.weight()) ? change.times(2) : change)
          .toList();
    }
  }

  private AdapterModule module(TensorFile tensors) {
    Path path = tensors.write(folder.resolve("wrapped.safetensors"));
    try (StateDict source = SafetensorsFile.open(path)) {
      var table =
          new SuffixTable(List.of(new Doubling(), AdapterFormats.LORA, AdapterFormats.FULL));
      return AdapterFile.of(source, table).modules().getFirst();
    }
  }

  private static List<Double> factors(AdapterModule module) {
    return ModuleChanges.of(module, new Destination("file", TARGET)).stream()
        .map(change -> ((Change.Add) change).factor())
        .toList();
  }

  private static TensorFile difference() {
    return new TensorFile()
        .put("m.diff", DType.F32, Shape.of(6, 4), g(3, 1, 24))
        .put("m.diff_b", DType.F32, Shape.of(6), g(3, 1, 6));
  }

  @Test
  void altersTheWeightAndLeavesTheBias() {
    TensorFile file = difference().put("m.double", DType.F32, Shape.of(), 1f);
    assertThat(factors(module(difference()))).containsExactly(1.0, 1.0);
    assertThat(factors(module(file))).containsExactly(2.0, 1.0);
  }

  @Test
  void isAskedForItsOwnProblem() {
    TensorFile file = difference().put("m.double", DType.F32, Shape.of(2), 1f, 1f);
    assertThat(module(file).problem().map(Problem::what)).hasValue("more than one flag");
  }
}
