package athanor.merge.lora;

/**
 * How well one module of a result stands for what it replaces. Norms are Frobenius norms of ΔW,
 * scale included, and do not contain the rounding to the stored type.
 *
 * @param module its name in the result
 * @param rankBefore rank before; the smaller dimension of the weight for an extraction
 * @param rank rank in the result
 * @param squaredNorm ‖ΔW‖² before
 * @param squaredError ‖ΔW − ΔW'‖²
 */
public record ModuleChange(
    String module, int rankBefore, int rank, double squaredNorm, double squaredError) {

  /** ‖ΔW − ΔW'‖ / ‖ΔW‖; 0 for a module that changes nothing. */
  public double relativeError() {
    return squaredNorm == 0 ? 0 : Math.sqrt(squaredError / squaredNorm);
  }
}
