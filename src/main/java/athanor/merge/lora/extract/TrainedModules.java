package athanor.merge.lora.extract;

import athanor.model.CheckpointModel;
import athanor.model.Layout;
import athanor.model.Target;
import athanor.model.TargetIndex;
import java.util.Comparator;
import java.util.List;

/** The modules that kohya's trainers change; which, each architecture's layout says. */
final class TrainedModules {
  private TrainedModules() {}

  /** The modules of a checkpoint, sorted by kohya's names. */
  static List<Target> of(CheckpointModel model, boolean convolutions) {
    Layout layout = model.architecture().layout().orElseThrow();
    return TargetIndex.of(model).targets().stream()
        .filter(target -> layout.isTrained(target, convolutions))
        .sorted(Comparator.comparing(Target::kohyaName))
        .toList();
  }
}
