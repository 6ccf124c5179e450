package athanor.merge.method;

import athanor.error.Problem;
import athanor.kernel.DenseSvd;
import athanor.kernel.Kernels;
import athanor.merge.lora.ModuleMemory;
import athanor.merge.lora.sum.FullDifference;
import athanor.merge.lora.sum.ModuleSum;
import athanor.tensor.Shape;

/**
 * A module whose sum has no factors of a rank below its sides, so that its matrix is computed and
 * decomposed as a whole.
 *
 * @param sum the module
 */
record DenseModule(ModuleSum sum) {
  /** Any; the same in every run, so that results are. */
  private static final long SEED = 1;

  /** How many singular values are looked for first, where a share of the energy decides. */
  private static final int FIRST_TRIED = 64;

  static int shorterSide(ModuleSum module) {
    Shape shape = module.target().deltaShape();
    return Math.toIntExact(Math.min(shape.rows(), shape.columns()));
  }

  /** The largest rank at which a pair takes less than the matrix. */
  int largestUsefulRank() {
    Shape shape = sum.target().deltaShape();
    return Math.toIntExact((shape.elementCount() - 1) / (shape.rows() + shape.columns()));
  }

  /** Heap that its decomposition takes at its peak, in bytes. */
  long memory(int rank) {
    Shape shape = sum.target().deltaShape();
    return new FullDifference(sum).memory()
        + ModuleMemory.denseSvd(shape.rows(), shape.columns(), rank);
  }

  /**
   * The leading singular values and vectors.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if a value is too large for float32
   */
  DenseSvd decompose(int rank, Kernels kernels) {
    return decompose(weight(kernels), rank, kernels);
  }

  private float[] weight(Kernels kernels) {
    float[] weight = new FullDifference(sum).weight(kernels);
    if (!Double.isFinite(kernels.sumOfSquares(weight, 0, weight.length))) {
      throw Problem.badFile("the product of a LoRA's factors is too large for float32")
          .at(sum.target().kohyaName())
          .help("this LoRA is broken (a failed training run?); leave it out")
          .toException();
    }
    return weight;
  }

  private DenseSvd decompose(float[] weight, int rank, Kernels kernels) {
    Shape shape = sum.target().deltaShape();
    return DenseSvd.truncated(
        kernels,
        weight,
        Math.toIntExact(shape.rows()),
        Math.toIntExact(shape.columns()),
        rank,
        SEED);
  }

  /**
   * The smallest rank that keeps the wanted share of the energy: more and more singular values are
   * looked for until they do.
   *
   * @param limits with a share to keep
   * @param useful the most ranks that are worth it, at least 0
   * @param most the most that the limits allow
   * @return the rank; 0 if more than the useful ones were needed
   */
  int rank(RankLimits limits, int useful, int most, Kernels kernels) {
    float[] weight = weight(kernels);
    int tried = Math.min(useful, FIRST_TRIED);
    while (tried > 0) {
      DenseSvd svd = decompose(weight, tried, kernels);
      double wanted = limits.keep().orElseThrow() * svd.squaredNorm();
      if (svd.factors().squaredNorm() >= wanted || tried == most) {
        return limits.keeping(svd.factors().s(), svd.squaredNorm(), tried);
      }
      tried = tried == useful ? 0 : Math.min(useful, 4 * tried);
    }
    return 0;
  }
}
