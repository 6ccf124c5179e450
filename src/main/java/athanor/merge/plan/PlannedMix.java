package athanor.merge.plan;

import athanor.delta.Change;
import athanor.delta.Change.Operand;
import athanor.delta.Combination;
import athanor.delta.Placement;
import athanor.error.Problem;
import athanor.model.CheckpointModel;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The checkpoints that are combined with the base, and how. What is combined is the weights of the
 * denoiser, the text encoders and the VAE that have a counterpart; schedules, markers, moving
 * averages and position ids stay those of the base, and so does what only the base has.
 *
 * @param models the checkpoints, in order
 * @param rule what becomes of the tensor of a key
 * @param combinesLoras whether the rule also says how LoRAs go into the base, instead of adding
 */
public record PlannedMix(
    List<MixedModel> models, Function<String, Combination> rule, boolean combinesLoras) {

  /** Copies the list. */
  public PlannedMix {
    models = List.copyOf(models);
  }

  /** No checkpoints beside the base. */
  public static PlannedMix none() {
    return new PlannedMix(
        List.of(),
        key -> {
          throw new IllegalStateException(key);
        },
        false);
  }

  /** Number of tensors of a base that can be combined. */
  public int combinable(StateDict base, CheckpointModel model) {
    return (int)
        base.tensors().stream().filter(tensor -> StoredPrecision.appliesTo(tensor, model)).count();
  }

  /**
   * To how many tensors of the base each of {@link #models} contributes.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if a counterpart has another shape
   */
  public int[] contributions(StateDict base, CheckpointModel model) {
    int[] counts = new int[models.size()];
    for (TensorInfo tensor : base.tensors()) {
      parts(base, model, tensor).forEach(part -> counts[part.contribution()]++);
    }
    return counts;
  }

  /**
   * The contributions to a tensor of the base, each with its number among {@link #models}.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if a counterpart has another shape
   */
  List<Change.Part> parts(StateDict base, CheckpointModel model, TensorInfo tensor) {
    List<Change.Part> parts = new ArrayList<>();
    if (!StoredPrecision.appliesTo(tensor, model)) {
      return parts;
    }
    String key = model.commonKey(tensor.key());
    for (int i = 0; i < models.size(); i++) {
      MixedModel mixed = models.get(i);
      double ratio = mixed.factor(tensor.key(), model);
      Optional<Operand> values = operand(mixed.model(), key, base, tensor);
      Optional<Operand> reference =
          mixed.minus().isEmpty()
              ? Optional.of(new Operand.Base())
              : operand(mixed.minus().get(), key, base, tensor);
      if (ratio != 0 && values.isPresent() && reference.isPresent()) {
        parts.add(new Change.Part(i, values.get(), reference.get(), ratio));
      }
    }
    return parts;
  }

  private static Optional<Operand> operand(
      PlannedModel model, String key, StateDict base, TensorInfo tensor) {
    Optional<TensorInfo> other = model.find(key);
    other.ifPresent(found -> requireFit(model, found, base, tensor));
    return other.map(found -> new Operand.Stored(model.file(), found));
  }

  private static void requireFit(
      PlannedModel model, TensorInfo found, StateDict base, TensorInfo tensor) {
    Shape ours = tensor.shape();
    Shape theirs = found.shape();
    boolean fits =
        ours.rows() == theirs.rows() && ours.columns() == theirs.columns()
            || isNarrower(theirs, ours);
    if (fits) {
      return;
    }
    if (isNarrower(ours, theirs)) {
      throw Problem.incompatible(
              "when a model with more input channels is mixed with a plain one, it must be the base")
          .at(model.file().name() + ", " + found.key())
          .found(theirs.dim(1) + " input channels, the base has " + ours.dim(1))
          .help("exchange them: --base " + model.file().name() + " --mix " + base.name() + "@…")
          .toException();
    }
    throw Problem.incompatible("a weight of this checkpoint has another shape than in the base")
        .at(model.file().name() + ", " + found.key())
        .found(theirs)
        .expected(ours + ", as in " + base.name())
        .help("only checkpoints with the same layers can be mixed")
        .toException();
  }

  /** Whether it is the same convolution for fewer input channels. */
  private static boolean isNarrower(Shape one, Shape other) {
    return one.rank() == 4
        && other.rank() == 4
        && one.dim(0) == other.dim(0)
        && one.dim(1) < other.dim(1)
        && one.dim(2) == other.dim(2)
        && one.dim(3) == other.dim(3);
  }

  /** What becomes of a tensor to which these contribute. */
  Change.Combine combine(TensorInfo tensor, List<Change.Part> parts) {
    Placement place = Placement.whole(tensor.key(), tensor.shape());
    for (Change.Part part : parts) {
      for (Operand operand : List.of(part.values(), part.reference())) {
        if (operand instanceof Operand.Stored(StateDict _, TensorInfo stored)
            && stored.shape().columns() < place.columns()) {
          place = new Placement(Rows.whole(tensor), stored.shape(), false);
        }
      }
    }
    return new Change.Combine(rule.apply(tensor.key()), place, parts);
  }
}
