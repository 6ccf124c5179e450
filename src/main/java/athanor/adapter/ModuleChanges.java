package athanor.adapter;

import athanor.adapter.format.AdapterFormat;
import athanor.adapter.format.Destination;
import athanor.adapter.format.MergingFormat;
import athanor.adapter.format.WrappingFormat;
import athanor.delta.Change;
import java.util.ArrayList;
import java.util.List;

/** Asks the formats of a module what it changes: first those that change, then those that wrap. */
final class ModuleChanges {
  private ModuleChanges() {}

  /**
   * What a module without a problem does at full strength.
   *
   * @throws athanor.error.AthanorException as {@link MergingFormat#changes}
   */
  static List<Change> of(AdapterModule module, Destination destination) {
    List<Change> changes = new ArrayList<>();
    for (AdapterFormat format : module.formats()) {
      if (format instanceof MergingFormat merging) {
        changes.addAll(merging.changes(module.of(format).orElseThrow(), destination));
      }
    }
    for (AdapterFormat format : module.formats()) {
      if (format instanceof WrappingFormat wrapping) {
        changes = wrapping.wrap(module.of(format).orElseThrow(), destination, List.copyOf(changes));
      }
    }
    return changes;
  }
}
