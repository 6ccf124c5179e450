package athanor.adapter;

import athanor.adapter.format.Destination;
import athanor.delta.Change;
import athanor.error.Problem;
import athanor.model.FusedModule;
import athanor.model.Target;
import athanor.tensor.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A module that is one in a LoRA and several tensors in the checkpoint: what it does to the whole,
 * split into what it does to the rows of each. Exact for everything that changes row by row.
 */
final class SplitModule {
  private final String file;
  private final AdapterModule module;
  private final FusedModule fused;
  private final Target whole;

  private SplitModule(String file, AdapterModule module, FusedModule fused) {
    this.file = file;
    this.module = module;
    this.fused = fused;
    Target first = fused.parts().getFirst().target();
    long rows = fused.shape().rows();
    this.whole =
        new Target(
            Rows.whole(keys(fused, ""), rows),
            fused.shape(),
            false,
            fused.hasBias()
                ? Optional.of(Rows.whole(keys(fused, " bias"), rows))
                : Optional.empty(),
            first.component(),
            first.block(),
            module.name(),
            module.name());
  }

  private static String keys(FusedModule fused, String end) {
    return fused.parts().stream()
        .map(part -> part.target().weight().key() + end)
        .collect(Collectors.joining(" + "));
  }

  /**
   * Splits a module.
   *
   * @param file the adapter file, as messages name it
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if it does not fit, or does
   *     something that needs all rows at once
   */
  static List<PlacedModule> of(String file, AdapterModule module, FusedModule fused) {
    return new SplitModule(file, module, fused).split();
  }

  private List<PlacedModule> split() {
    List<Change> changes = ModuleChanges.of(module, new Destination(file, whole));
    if (!changes.stream().allMatch(Change::isRowByRow)) {
      throw Problem.incompatible(
              "a module that the base holds in several tensors needs them as one")
          .at(file + ", " + module.name())
          .found("a format that looks at all of the weight, over " + whole.weight().key())
          .help("merge it into a checkpoint in the layout that the LoRA was made for")
          .toException();
    }
    List<PlacedModule> placed = new ArrayList<>();
    for (FusedModule.Part part : fused.parts()) {
      List<Change> here = new ArrayList<>();
      for (Change change : changes) {
        boolean isWeight = change.rows().key().equals(whole.weight().key());
        Rows rows = isWeight ? part.target().weight() : part.target().bias().orElseThrow();
        here.add(change.partAt(part.rows(), rows));
      }
      placed.add(new PlacedModule(module.name(), part.target(), here));
    }
    return placed;
  }
}
