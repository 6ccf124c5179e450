package athanor.testkit;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterModule;
import athanor.delta.LowRankFactors;
import athanor.kernel.Kernels;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.StateDict;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The updates of a LoRA file as full matrices in float64: the oracle of tests about LoRAs. */
public final class Delta64 {
  private static final Kernels KERNELS = Kernels.create();

  private Delta64() {}

  /** scale · up · down of every module with a pair, row-major, by the module's name. */
  public static Map<String, double[]> of(Path lora) {
    Map<String, double[]> deltas = new TreeMap<>();
    try (StateDict source = SafetensorsFile.open(lora)) {
      AdapterFile file = AdapterFile.of(source);
      for (AdapterModule module : file.modules()) {
        if (module.hasPair()) {
          deltas.put(module.name(), product(file.factorsOf(module, KERNELS), file.scaleOf(module)));
        }
      }
    }
    return deltas;
  }

  private static double[] product(LowRankFactors factors, double scale) {
    int rank = factors.rank();
    int rows = factors.up().length / rank;
    int columns = factors.down().length / rank;
    double[] result = new double[rows * columns];
    for (int row = 0; row < rows; row++) {
      for (int k = 0; k < rank; k++) {
        double left = scale * factors.up()[row * rank + k];
        for (int column = 0; column < columns; column++) {
          result[row * columns + column] += left * factors.down()[k * columns + column];
        }
      }
    }
    return result;
  }

  /** The Frobenius norm of the difference of two matrices. */
  public static double distance(double[] one, double[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += (one[i] - other[i]) * (one[i] - other[i]);
    }
    return Math.sqrt(sum);
  }

  /** The Frobenius norm. */
  public static double norm(double[] matrix) {
    return distance(matrix, new double[matrix.length]);
  }
}
