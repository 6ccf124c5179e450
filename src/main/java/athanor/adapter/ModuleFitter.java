package athanor.adapter;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.model.Target;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Fits one module onto its target: turns its tensors into deltas, or says why that cannot be.
 * Shapes are compared in the 2-D view, so that a linear pair fits a 1×1 convolution and the
 * reverse.
 */
final class ModuleFitter {
  private static final String FIRST_CONVOLUTION = "input_blocks.0.0.weight";

  private final AdapterFile file;
  private final AdapterModule module;
  private final Target target;

  ModuleFitter(AdapterFile file, AdapterModule module, Target target) {
    this.file = file;
    this.module = module;
    this.target = target;
  }

  /** Deltas, or the refusal. */
  ModuleOutcome fit() {
    List<Delta> deltas = new ArrayList<>();
    try {
      addPair(deltas);
      addDifference(deltas);
      addBias(Role.BIAS, file.scaleOrOne(module), deltas);
      addBias(Role.DIFF_BIAS, 1, deltas);
    } catch (AthanorException e) {
      return new ModuleOutcome.Refused(e.problem());
    }
    return new ModuleOutcome.Applied(deltas);
  }

  private void addPair(List<Delta> deltas) {
    if (!module.hasPair()) {
      return;
    }
    TensorInfo up = module.tensor(Role.UP).orElseThrow();
    TensorInfo down = module.tensor(Role.DOWN).orElseThrow();
    Optional<TensorInfo> mid = module.tensor(Role.MID);
    long columns = mid.map(core -> tuckerColumns(down, core)).orElse(down.shape().columns());
    requireFit(up.shape().rows(), columns, up, down);
    deltas.add(
        new LowRankDelta(
            file.source(),
            module.name(),
            target,
            target.transposed() ? up.shape().rows() : columns,
            file.scaleOf(module),
            up,
            down,
            mid));
  }

  private static long tuckerColumns(TensorInfo down, TensorInfo core) {
    return down.shape().columns() * core.shape().dim(2) * core.shape().dim(3);
  }

  private void addDifference(List<Delta> deltas) {
    Optional<TensorInfo> difference = module.tensor(Role.DIFF);
    if (difference.isEmpty()) {
      return;
    }
    Shape shape = difference.get().shape();
    requireFit(shape.rows(), shape.columns(), difference.get(), difference.get());
    deltas.add(
        new DenseDelta(
            file.source(),
            module.name(),
            target,
            target.weight(),
            target.transposed() ? shape.rows() : shape.columns(),
            1,
            difference.get()));
  }

  private void addBias(Role role, double scale, List<Delta> deltas) {
    Optional<TensorInfo> bias = module.tensor(role);
    if (bias.isEmpty()) {
      return;
    }
    Rows rows =
        target
            .bias()
            .orElseThrow(() ->
                Problem.incompatible("this LoRA changes a bias that the checkpoint has not")
                    .at(file.name() + ", " + bias.get().key())
                    .found("no bias beside " + target.weight().key())
                    .toException());
    if (bias.get().shape().elementCount() != rows.count()) {
      throw misfit(bias.get(), "a bias of " + rows.count() + " values in " + rows.key())
          .toException();
    }
    deltas.add(new DenseDelta(file.source(), module.name(), target, rows, 1, scale, bias.get()));
  }

  private void requireFit(long rows, long columns, TensorInfo outer, TensorInfo inner) {
    Shape wanted = target.deltaShape();
    if (rows == wanted.rows() && columns == wanted.columns()) {
      return;
    }
    if (rows == wanted.rows() && isFewerInputChannels(columns)) {
      return;
    }
    boolean outputsDiffer = rows != wanted.rows();
    TensorInfo offender = outputsDiffer ? outer : inner;
    String expected =
        outputsDiffer
            ? wanted.rows() + " outputs, as in " + target.weight().key() + " " + target.shape()
            : wanted.columns() + " inputs, as in " + target.weight().key() + " " + target.shape();
    throw misfit(offender, expected).toException();
  }

  /** A 4-channel change of the first convolution of an inpainting model: its first channels. */
  private boolean isFewerInputChannels(long columns) {
    Shape wanted = target.shape();
    return target.weight().key().endsWith(FIRST_CONVOLUTION)
        && wanted.rank() == 4
        && wanted.dim(1) > 4
        && columns == 4 * wanted.dim(2) * wanted.dim(3);
  }

  private Problem misfit(TensorInfo offender, String expected) {
    return Problem.incompatible("this LoRA does not fit the checkpoint")
        .at(file.name() + ", " + offender.key())
        .found("shape " + offender.shape())
        .expected(expected);
  }
}
