package athanor.testkit;

import java.nio.file.Path;
import java.util.Map;

/** What a LoRA file in kohya's or PEFT's spelling adds to a module, computed in float64. */
public final class Updates {
  private Updates() {}

  /**
   * Adds ratio · alpha / rank · up · down of a module to {@code sum}, {@code [rows, columns]}.
   *
   * @param module as the file spells it; a file without it adds nothing
   */
  public static void add(
      double[] sum, int rows, int columns, Path file, String module, double ratio) {
    Map<String, byte[]> keys = TensorFile.allBytes(file);
    boolean peft = keys.containsKey(module + ".lora_A.weight");
    String downKey = module + (peft ? ".lora_A.weight" : ".lora_down.weight");
    if (!keys.containsKey(downKey)) {
      return;
    }
    float[] down = TensorFile.floats(file, downKey);
    float[] up = TensorFile.floats(file, module + (peft ? ".lora_B.weight" : ".lora_up.weight"));
    int rank = down.length / columns;
    double alpha =
        keys.containsKey(module + ".alpha") ? TensorFile.floats(file, module + ".alpha")[0] : rank;
    double scale = ratio * alpha / rank;
    for (int row = 0; row < rows; row++) {
      for (int k = 0; k < rank; k++) {
        double left = scale * up[row * rank + k];
        for (int column = 0; column < columns; column++) {
          sum[row * columns + column] += left * down[k * columns + column];
        }
      }
    }
  }

  /** ‖a − b‖ / ‖b‖, Frobenius norm. */
  public static double relativeError(double[] a, double[] b) {
    double error = 0;
    double norm = 0;
    for (int i = 0; i < a.length; i++) {
      error += (a[i] - b[i]) * (a[i] - b[i]);
      norm += b[i] * b[i];
    }
    return Math.sqrt(error / norm);
  }
}
