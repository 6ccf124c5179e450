package athanor.testkit;

import athanor.delta.Change;
import athanor.file.OutputFile;
import athanor.file.OutputTarget;
import athanor.kernel.Kernels;
import athanor.merge.engine.MergeEngine;
import athanor.merge.plan.Precision;
import athanor.merge.plan.TensorPlan;
import athanor.merge.plan.TensorSource;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.safetensors.SafetensorsFile;
import athanor.safetensors.SafetensorsLayout;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What the merging engine makes of one float32 tensor. */
public final class ChangedWeight {
  private ChangedWeight() {}

  /**
   * Applies changes to a tensor.
   *
   * @param folder for files that nobody needs afterwards
   * @param key the tensor's key, as the changes name it
   */
  public static float[] of(
      Path folder, String key, Shape shape, float[] values, List<Change> changes) {
    Path base =
        new TensorFile().put(key, DType.F32, shape, values).write(folder.resolve("before.st"));
    Path result = folder.resolve("after.st");
    try (StateDict file = SafetensorsFile.open(base)) {
      TensorInfo tensor = file.find(key).orElseThrow();
      var plan = new TensorPlan(new TensorSource.Stored(file, tensor), tensor, changes);
      var layout = SafetensorsLayout.inOrder(List.of(tensor), Map.of());
      try (OutputFile output = OutputTarget.of(result, true).open()) {
        new MergeEngine(Kernels.create(), 1, Progress.NONE, new Cancellation())
            .run("test", List.of(plan), Precision.FLOAT, layout, output);
        output.seal(layout.size());
        output.publish();
      }
    }
    return TensorFile.floats(result, key);
  }
}
