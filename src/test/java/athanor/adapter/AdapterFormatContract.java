package athanor.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import athanor.adapter.format.AdapterFormat;
import athanor.adapter.format.AdapterFormats;
import athanor.adapter.format.Destination;
import athanor.adapter.format.ModuleSize;
import athanor.adapter.format.Part;
import athanor.delta.Change;
import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.model.Component;
import athanor.model.Target;
import athanor.model.block.BlockScheme;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.testkit.ChangedWeight;
import athanor.testkit.Golden;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every format keeps to that can be merged, alone or around another. A new one extends this
 * with a module of the golden vectors, and the weight that they must give.
 */
public abstract class AdapterFormatContract {
  /** The module that {@link #module} makes. */
  protected static final String MODULE = "lora_unet_module";

  private static final String WEIGHT = "module.weight";

  @TempDir private Path folder;

  /** The sums of a weight as {@link Golden} compares them. */
  public record Expected(
      double sum, double weightedSum, double first, double second, double third) {}

  /** The format. */
  protected abstract AdapterFormat format();

  /** A sound module with keys that begin with {@link #MODULE}; with every part of the format. */
  protected abstract TensorFile module();

  /** The shape of the weight that it changes, as modules are trained. */
  protected abstract Shape shape();

  /** W′ at full strength for W = g(3, 1), computed by somebody else. */
  protected abstract Expected expected();

  /** Parts without which a module is broken. */
  protected abstract List<Part> required();

  /** The tensors of the format as the file of {@link #module} has them, and its scalars. */
  private Map<Part, TensorInfo> ownTensors() {
    return opened(module(), file -> file.modules().getFirst().of(format()).orElseThrow().tensors());
  }

  private interface Use<R> {
    R of(AdapterFile file);
  }

  private <R> R opened(TensorFile tensors, Use<R> use) {
    Path path = tensors.write(folder.resolve("adapter.safetensors"));
    try (StateDict source = SafetensorsFile.open(path)) {
      return use.of(AdapterFile.of(source));
    }
  }

  private Target target(Shape deltaShape, boolean transposed) {
    Shape stored = transposed ? Shape.of(deltaShape.columns(), deltaShape.rows()) : deltaShape;
    return new Target(
        Rows.whole(WEIGHT, stored.rows()),
        stored,
        transposed,
        Optional.of(Rows.whole("module.bias", deltaShape.rows())),
        Component.UNET,
        BlockScheme.named("unet").block("BASE"),
        MODULE,
        "unet.module");
  }

  private static List<Change> changes(AdapterFile file, Target target) {
    AdapterModule module = file.modules().getFirst();
    return ModuleChanges.of(module, new Destination(file.name(), target));
  }

  private float[] changed(TensorFile tensors, float[] weight, Target target, double strength) {
    return opened(
        tensors,
        file -> {
          List<Change> onWeight = new ArrayList<>();
          for (Change change : changes(file, target)) {
            if (change.rows().key().equals(WEIGHT)) {
              onWeight.add(change.times(strength));
            }
          }
          return ChangedWeight.of(folder, WEIGHT, target.shape(), weight, onWeight);
        });
  }

  private float[] weight() {
    return Golden.g(3, 1, Math.toIntExact(shape().elementCount()));
  }

  @Test
  void givesTheGoldenWeight() {
    float[] result = changed(module(), weight(), target(shape(), false), 1);
    Golden.assertSums(
        result,
        expected().sum(),
        expected().weightedSum(),
        expected().first(),
        expected().second(),
        expected().third());
  }

  @Test
  void strengthNoughtLeavesTheWeightAndHalfGoesHalfTheWay() {
    float[] before = weight();
    float[] full = changed(module(), before, target(shape(), false), 1);
    float[] half = changed(module(), before, target(shape(), false), 0.5);
    assertThat(changed(module(), before, target(shape(), false), 0)).containsExactly(before);
    for (int i = 0; i < before.length; i++) {
      assertThat((double) half[i]).isCloseTo((before[i] + (double) full[i]) / 2, within(1e-6));
    }
  }

  @Test
  void aTransposedWeightReceivesTheSameTurnedOver() {
    if (shape().rank() != 2) {
      return;
    }
    float[] straight = changed(module(), weight(), target(shape(), false), 1);
    float[] turned =
        changed(
            module(),
            athanor.delta.Transposed.of(weight(), shape().rows(), shape().columns()),
            target(shape(), true),
            1);
    float[] back = athanor.delta.Transposed.of(turned, shape().columns(), shape().rows());
    for (int i = 0; i < back.length; i++) {
      assertThat((double) back[i]).isCloseTo(straight[i], within(1e-6));
    }
  }

  @Test
  void isListedAndMerged() {
    assertThat(AdapterFormats.ALL).contains(format());
    opened(
        module(),
        file -> {
          assertThat(file.formats()).contains(format());
          assertThat(file.recognisedOnly()).isEmpty();
          assertThat(AdapterTraits.of(file).kind())
              .contains(format().kind(file.modulesOf(format())));
          return file;
        });
  }

  @Test
  public void keepsEveryTensorOfTheModule() {
    opened(
        module(),
        file -> {
          assertThat(file.otherKeys()).isEmpty();
          assertThat(file.modules()).hasSize(1);
          assertThat(file.modules().getFirst().tensors().values())
              .containsExactlyInAnyOrderElementsOf(file.source().tensors());
          return file;
        });
  }

  @Test
  void aSoundModuleHasNoProblemAndTellsItsSize() {
    opened(
        module(),
        file -> {
          AdapterModule module = file.modules().getFirst();
          assertThat(module.problem()).isEmpty();
          ModuleSize size = module.size();
          if (size.out() != 0) {
            assertThat(size.out()).isEqualTo(shape().rows());
          }
          if (size.in() != 0) {
            assertThat(size.in()).isIn(shape().dim(1), shape().columns());
          }
          return file;
        });
  }

  @Test
  void aModuleWithoutARequiredPartIsBroken() {
    for (Part part : required()) {
      TensorInfo missing = ownTensors().get(part);
      assertThat(missing).as("%s in module()", part).isNotNull();
      assertBroken(without(missing), part);
    }
  }

  @Test
  void aFactorOfANonNumericTypeIsAProblem() {
    for (Part part : required()) {
      TensorInfo factor = ownTensors().get(part);
      TensorInfo integers = factor.withDType(DType.I32);
      TensorFile file = without(factor);
      file.put(integers, new byte[Math.toIntExact(integers.byteSize())]);
      assertBroken(file, part);
    }
  }

  private TensorFile without(TensorInfo missing) {
    TensorFile file = module();
    file.remove(missing.key());
    return file;
  }

  private void assertBroken(TensorFile tensors, Part part) {
    opened(
        tensors,
        file -> {
          Optional<Problem> problem =
              file.modules().isEmpty() ? Optional.empty() : file.modules().getFirst().problem();
          assertThat(problem).as("without a sound %s", part).isPresent();
          assertThat(problem.orElseThrow().kind()).isEqualTo(Kind.BAD_FILE);
          assertThat(problem.orElseThrow().line()).contains("adapter.safetensors", MODULE);
          return file;
        });
  }

  @Test
  void aWeightOfAnotherSizeIsRefusedWithBothSizes() {
    ModuleSize size = opened(module(), file -> file.modules().getFirst().size());
    assertThat(size).isNotEqualTo(ModuleSize.UNKNOWN);
    if (size.out() != 0) {
      long[] dims = shape().dims();
      dims[0] += 1;
      refuses(Shape.of(dims));
    }
    if (size.in() != 0) {
      long[] dims = shape().dims();
      dims[1] += 1;
      refuses(Shape.of(dims));
    }
  }

  private void refuses(Shape other) {
    opened(
        module(),
        file -> {
          assertThatThrownBy(() -> changes(file, target(other, false)))
              .isInstanceOfSatisfying(
                  AthanorException.class,
                  e -> assertThat(e.problem().kind()).isEqualTo(Kind.INCOMPATIBLE))
              .hasMessageContaining("does not fit");
          return file;
        });
  }

  /** Opens a module and looks at its problem; for what only one format has. */
  protected void problemOf(TensorFile tensors, Consumer<Optional<Problem>> check) {
    opened(
        tensors,
        file -> {
          check.accept(file.modules().getFirst().problem());
          return file;
        });
  }

  /** What tables call a file. */
  protected String kindOf(TensorFile tensors) {
    return opened(tensors, file -> AdapterTraits.of(file).kind());
  }

  /** What becomes of the bias g(2, 5) of a weight. */
  protected float[] mergedBias(TensorFile tensors, Shape shape) {
    Target target = target(shape, false);
    Rows rows = target.bias().orElseThrow();
    float[] bias = Golden.g(2, 5, Math.toIntExact(rows.count()));
    return opened(
        tensors,
        file -> {
          List<Change> onBias =
              changes(file, target).stream()
                  .filter(change -> change.rows().key().equals(rows.key()))
                  .toList();
          return ChangedWeight.of(folder, rows.key(), Shape.of(rows.count()), bias, onBias);
        });
  }

  /** W′ at a strength, for other modules than {@link #module}. */
  protected float[] merged(TensorFile tensors, Shape shape, double strength) {
    float[] weight = Golden.g(3, 1, Math.toIntExact(shape.elementCount()));
    return changed(tensors, weight, target(shape, false), strength);
  }
}
