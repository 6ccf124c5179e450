package athanor.adapter;

import athanor.error.Problem;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.List;
import java.util.Optional;

/** Finds modules that are broken in themselves, whatever checkpoint they meet. */
final class PairCheck {
  private PairCheck() {}

  /** What is wrong with a module: half a pair, ranks that disagree, rank 0, a role played twice. */
  static Optional<Problem> problemOf(AdapterFile file, AdapterModule module) {
    if (!module.repeated().isEmpty()) {
      return Optional.of(
          broken(file, module, "two tensors play the same part of this module")
              .found(module.repeated().getFirst() + " besides another spelling"));
    }
    Optional<Problem> difference = differenceProblem(file, module);
    if (difference.isPresent()) {
      return difference;
    }
    TensorInfo up = module.tensors().get(Role.UP);
    TensorInfo down = module.tensors().get(Role.DOWN);
    if (up == null && down == null) {
      return module.tensors().containsKey(Role.MID)
          ? Optional.of(broken(file, module, "a mid factor without up and down"))
          : Optional.empty();
    }
    if (up == null || down == null) {
      String present = up == null ? "down" : "up";
      String missing = up == null ? "up" : "down";
      return Optional.of(
          broken(file, module, "the pair is incomplete: " + present + " without " + missing));
    }
    return shapeProblem(file, module, up, down);
  }

  private static Optional<Problem> differenceProblem(AdapterFile file, AdapterModule module) {
    for (Role role : List.of(Role.DIFF, Role.DIFF_BIAS, Role.BIAS)) {
      TensorInfo tensor = module.tensors().get(role);
      if (tensor != null && !tensor.dtype().isArithmetic()) {
        return Optional.of(
            broken(file, module, "a difference has a type that is no floating-point number")
                .found(tensor.key() + " of type " + tensor.dtype()));
      }
    }
    return Optional.empty();
  }

  private static Optional<Problem> shapeProblem(
      AdapterFile file, AdapterModule module, TensorInfo up, TensorInfo down) {
    for (TensorInfo factor : List.of(up, down)) {
      if (factor.shape().rank() < 2) {
        return Optional.of(
            broken(file, module, "a factor is not a matrix")
                .found(factor.key() + " of shape " + factor.shape()));
      }
      if (!factor.dtype().isArithmetic()) {
        return Optional.of(
            broken(file, module, "a factor has a type that is no floating-point number")
                .found(factor.key() + " of type " + factor.dtype()));
      }
    }
    long rank = down.shape().dim(0);
    if (rank == 0 || up.shape().columns() == 0) {
      return Optional.of(broken(file, module, "the pair has rank 0"));
    }
    Optional<Problem> size = sizeProblem(file, module, up, down);
    if (size.isPresent()) {
      return size;
    }
    TensorInfo mid = module.tensors().get(Role.MID);
    if (mid != null) {
      return midProblem(file, module, up, down, mid);
    }
    if (up.shape().columns() != rank) {
      Problem problem =
          broken(file, module, "the ranks of up and down disagree")
              .found("up " + up.shape() + " and down " + down.shape())
              .expected("up [out, " + rank + "] for down [" + rank + ", in]");
      return Optional.of(
          up.shape().rows() == down.shape().columns()
              ? problem.help("up and down (lora_B and lora_A) seem to be exchanged in this file")
              : problem);
    }
    return Optional.empty();
  }

  /** Factors are held in memory as a whole, and change at least one value. */
  private static Optional<Problem> sizeProblem(
      AdapterFile file, AdapterModule module, TensorInfo up, TensorInfo down) {
    for (TensorInfo factor : List.of(up, down)) {
      long count = factor.shape().elementCount();
      if (count == 0) {
        return Optional.of(
            broken(file, module, "a factor is empty")
                .found(factor.key() + " of shape " + factor.shape()));
      }
      if (count > TensorInfo.MOST_IN_MEMORY) {
        return Optional.of(
            broken(file, module, "a factor is larger than any real one")
                .found(factor.key() + " of shape " + factor.shape()));
      }
    }
    return Optional.empty();
  }

  private static Optional<Problem> midProblem(
      AdapterFile file, AdapterModule module, TensorInfo up, TensorInfo down, TensorInfo mid) {
    Shape core = mid.shape();
    boolean sound =
        core.rank() == 4
            && mid.dtype().isArithmetic()
            && core.dim(0) == up.shape().columns()
            && core.dim(1) == down.shape().dim(0)
            && down.shape().columns() == down.shape().dim(1)
            && core.elementCount() > 0
            && isFoldable(core, down.shape().columns());
    return sound
        ? Optional.empty()
        : Optional.of(
            broken(file, module, "the mid factor does not fit between up and down")
                .found("up " + up.shape() + ", mid " + core + ", down " + down.shape())
                .expected("mid [rank, rank, kh, kw] between 1×1 factors"));
  }

  /** Whether core and right factor make a right factor that can be held in memory. */
  private static boolean isFoldable(Shape core, long inputs) {
    try {
      long folded = Math.multiplyExact(core.dim(0) * inputs, core.dim(2) * core.dim(3));
      return core.elementCount() <= TensorInfo.MOST_IN_MEMORY
          && folded <= TensorInfo.MOST_IN_MEMORY;
    } catch (ArithmeticException e) {
      return false;
    }
  }

  private static Problem broken(AdapterFile file, AdapterModule module, String what) {
    return Problem.badFile(what)
        .at(file.name() + ", " + module.name())
        .help("the file is damaged or half-converted; download it again, or leave it out");
  }
}
