package athanor.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.model.CheckpointModel;
import athanor.model.FusedModule;
import athanor.model.Recognition;
import athanor.model.Target;
import athanor.model.TargetIndex;
import athanor.model.naming.ModuleScope;
import athanor.tensor.Rows;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every table, read in each of its layouts, under the names of each: every module is found, with
 * its shape, every row once, and every row of the file has a name.
 */
class NamesTest {
  private static final List<String> FLAT =
      List.of("lora_unet_", "lora_unet__", "lora_transformer_", "lycoris_");
  private static final List<String> DOTTED =
      List.of(
          "", "diffusion_model.", "transformer.", "base_model.model.", "model.diffusion_model.");

  static Stream<PublishedTest.Published> all() {
    return PublishedTest.all();
  }

  private static CheckpointModel model(List<TensorInfo> tensors) {
    return ((Recognition.Checkpoint) Recognition.of(tensors)).model();
  }

  /** The targets of a module, whether it is one or several. */
  private static List<Target> targets(TargetIndex index, String module) {
    return index
        .find(module)
        .map(List::of)
        .orElseGet(() ->
            index
                .findFused(module)
                .map(fused -> fused.parts().stream().map(FusedModule.Part::target).toList())
                .orElse(List.of()));
  }

  @ParameterizedTest
  @MethodSource("all")
  void everyNameOfEveryLayoutMeansItsRowsOfTheFile(PublishedTest.Published published) {
    TransformerTables tables = published.tables();
    List<TensorInfo> file = published.tensors();
    TargetIndex index = TargetIndex.of(model(file));
    List<String> modules = tables.modules().names(published.counts(), published.groups());
    for (NameTable names : tables.layouts()) {
      Map<String, List<Rows>> rows = new HashMap<>();
      Set<String> flat = new HashSet<>();
      for (LayoutTensor tensor : names.tensors(modules)) {
        List<Target> targets = targets(index, tensor.name());

        assertThat(targets).as(tensor.name()).isNotEmpty();
        assertThat(flat.add(ModuleScope.flatten(tensor.name()))).as(tensor.name()).isTrue();
        assertThat(targets.stream().mapToLong(target -> target.shape().elementCount()).sum())
            .as(tensor.name())
            .isEqualTo(elements(tensor, published));
        for (Target target : targets) {
          for (Rows earlier : rows.getOrDefault(target.weight().key(), List.of())) {
            assertThat(earlier.overlaps(target.weight())).as(tensor.name()).isFalse();
          }
          rows.computeIfAbsent(target.weight().key(), key -> new ArrayList<>())
              .add(target.weight());
        }
        for (String prefix : FLAT) {
          assertThat(targets(index, prefix + ModuleScope.flatten(tensor.name())))
              .isEqualTo(targets);
        }
        for (String prefix : DOTTED) {
          assertThat(targets(index, prefix + tensor.name())).isEqualTo(targets);
        }
      }
      for (TensorInfo tensor : file) {
        if (!tensor.key().endsWith(".bias")) {
          assertThat(
                  rows.getOrDefault(tensor.key(), List.of()).stream().mapToLong(Rows::count).sum())
              .as(names.name() + " " + tensor.key())
              .isEqualTo(tensor.shape().rows());
        }
      }
    }
  }

  /** The elements of a tensor of a layout, in a model whose first layer may have more inputs. */
  private static long elements(LayoutTensor tensor, PublishedTest.Published published) {
    return published.widened(tensor).elementCount();
  }
}
