package athanor.merge.lora.sum;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * How far a file is from the exact sum, measured while it is computed. Thread-safe; the answers
 * count the modules recorded so far, in the order of their names.
 */
public final class Approximation {
  private final Map<String, Squares> modules = new ConcurrentSkipListMap<>();

  private record Squares(double error, double norm) {
    double relative() {
      return norm == 0 ? 0 : Math.sqrt(Math.max(0, error) / norm);
    }
  }

  /** A module's name and relative error. */
  public record ModuleError(String module, double relativeError) {}

  /** Notes ‖error‖² and ‖exact‖² of a module, Frobenius norms. */
  public void record(String module, double squaredError, double squaredNorm) {
    modules.put(module, new Squares(squaredError, squaredNorm));
  }

  /** ‖approximation − exact‖ / ‖exact‖ over all low-rank modules together, Frobenius norm. */
  public double relativeError() {
    double error = 0;
    double norm = 0;
    for (Squares squares : modules.values()) {
      error += squares.error;
      norm += squares.norm;
    }
    return new Squares(error, norm).relative();
  }

  /** The module with the largest relative error. */
  public ModuleError worst() {
    var worst = new ModuleError("", 0);
    for (Map.Entry<String, Squares> module : modules.entrySet()) {
      double error = module.getValue().relative();
      if (worst.module().isEmpty() || error > worst.relativeError()) {
        worst = new ModuleError(module.getKey(), error);
      }
    }
    return worst;
  }
}
