package athanor.adapter.format;

import athanor.delta.Change;
import athanor.delta.LowRankDelta;
import athanor.delta.StoredPair;
import athanor.delta.WeightProductTransform;
import athanor.error.Problem;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A low-rank matrix that is added, and one that the weight is multiplied with. LyCORIS stores W′ =
 * W + alpha / rank · (b1·b2 + W·a1·a2); its first versions had each pair the other way round, W′ =
 * W + alpha / rank · (b2·b1 + W·a2·a1). The shapes tell the two forms apart. For square weights
 * whose rank is such that both fit, the longer sides are the weight's; that is ComfyUI's rule too.
 * A convolution's a1 and a2 work on channels; b1 and b2 may have a Tucker core between them, {@code
 * bm}.
 */
final class Glora implements MergingFormat {
  static final Part A1 = new Part("GLoRA", "a1");
  static final Part A2 = new Part("GLoRA", "a2");
  static final Part B1 = new Part("GLoRA", "b1");
  static final Part B2 = new Part("GLoRA", "b2");
  static final Part CORE = new Part("GLoRA", "bm");

  private static final List<Part> FACTORS = List.of(A1, A2, B1, B2);

  /**
   * The factors by what they do.
   *
   * @param weightLeft {@code [side, rank]}, what the weight is multiplied with
   * @param weightRight {@code [rank, side]}
   * @param up {@code [out, rank]}, of what is added
   * @param down {@code [rank, in]} or {@code [rank, in, kh, kw]}
   */
  private record Form(
      TensorInfo weightLeft, TensorInfo weightRight, TensorInfo up, TensorInfo down) {

    static Form present(ModuleTensors module) {
      return new Form(module.get(A1), module.get(A2), module.get(B1), module.get(B2));
    }

    static Form early(ModuleTensors module) {
      return new Form(module.get(A2), module.get(A1), module.get(B2), module.get(B1));
    }

    /** The form that a module has; empty if its factors meet in neither. */
    static Optional<Form> of(ModuleTensors module) {
      Form present = present(module);
      Form early = early(module);
      if (present.meets() && early.meets()) {
        return Optional.of(early.rank() > present.rank() ? present : early);
      }
      return present.meets()
          ? Optional.of(present)
          : early.meets() ? Optional.of(early) : Optional.empty();
    }

    /** Whether all four meet in one rank above 0, and the pairs agree in their inputs. */
    boolean meets() {
      long rank = rank();
      return rank > 0
          && weightLeft.shape().columns() == rank
          && weightRight.shape().rows() == rank
          && up.shape().columns() == rank
          && weightLeft.shape().rows() == side()
          && (side() == down.shape().dim(1) || side() == down.shape().columns());
    }

    long rank() {
      return down.shape().rows();
    }

    /** Inputs of the weight, as what it is multiplied with counts them. */
    long side() {
      return weightRight.shape().columns();
    }
  }

  @Override
  public String label() {
    return "GLoRA";
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".a1.weight", A1),
        Suffix.of(".a2.weight", A2),
        Suffix.of(".b1.weight", B1),
        Suffix.of(".b2.weight", B2),
        Suffix.of(".bm.weight", CORE));
  }

  @Override
  public Optional<Problem> problem(ModuleTensors module) {
    for (Part part : FACTORS) {
      if (!module.has(part)) {
        return Optional.of(module.broken("a factor of the GLoRA is missing").expected(part.name()));
      }
      if (module.get(part).shape().rank() < 2) {
        return Optional.of(
            module
                .broken("a factor of the GLoRA is not a matrix")
                .found(module.get(part).key() + " of shape " + module.get(part).shape()));
      }
    }
    Optional<Problem> type =
        module.typeProblem(
            "a factor",
            module.tensors().entrySet().stream()
                .filter(entry -> !entry.getKey().isScalar())
                .map(Map.Entry::getValue)
                .toList());
    if (type.isPresent()) {
      return type;
    }
    Optional<Form> form = Form.of(module);
    if (form.isEmpty()) {
      return Optional.of(
          module
              .broken("the factors of the GLoRA do not meet in one rank")
              .found(
                  "a1 "
                      + module.get(A1).shape()
                      + ", a2 "
                      + module.get(A2).shape()
                      + ", b1 "
                      + module.get(B1).shape()
                      + ", b2 "
                      + module.get(B2).shape())
              .expected("a1 [in, rank], a2 [rank, in], b1 [out, rank], b2 [rank, in]"));
    }
    return module.find(CORE).flatMap(core -> coreProblem(module, form.get(), core));
  }

  private static Optional<Problem> coreProblem(ModuleTensors module, Form form, TensorInfo core) {
    Shape shape = core.shape();
    boolean sound =
        shape.rank() == 4
            && shape.dim(0) == form.rank()
            && shape.dim(1) == form.rank()
            && shape.elementCount() > 0
            && form.down().shape().columns() == form.down().shape().dim(1);
    return sound
        ? Optional.empty()
        : Optional.of(
            module
                .broken("the core of the GLoRA does not fit between b1 and b2")
                .found(core.key() + " of shape " + shape)
                .expected("[rank, rank, kh, kw] between 1×1 factors"));
  }

  /** Form, size and rank hold for broken modules too, so that they may be unknown. */
  private static Optional<Form> soundForm(ModuleTensors module) {
    boolean matrices =
        FACTORS.stream()
            .allMatch(part -> module.find(part).filter(f -> f.shape().rank() >= 2).isPresent());
    return matrices ? Form.of(module) : Optional.empty();
  }

  @Override
  public boolean isIdle(ModuleTensors module, ZeroParts zeros) {
    return zeros.any(A1, A2) && zeros.any(B1, B2, CORE);
  }

  @Override
  public ModuleSize size(ModuleTensors module) {
    return soundForm(module)
        .map(form -> new ModuleSize(form.down().shape().dim(1), form.up().shape().rows()))
        .orElse(ModuleSize.UNKNOWN);
  }

  @Override
  public OptionalLong rank(ModuleTensors module) {
    return soundForm(module).map(form -> OptionalLong.of(form.rank())).orElse(OptionalLong.empty());
  }

  /**
   * With {@code rs_lora} LyCORIS divides alpha by √rank. The other formats store an alpha that has
   * this already; GLoRA stores the one that was asked for.
   */
  private static double scale(ModuleTensors module, long rank) {
    double scale = module.scale(rank);
    return module.has(Part.ALPHA)
            && !module.has(Part.SCALE)
            && NetworkArguments.isTrue(module.source(), "rs_lora")
        ? scale * Math.sqrt((double) rank)
        : scale;
  }

  /** First what the weight is multiplied with, while it is as it was. */
  @Override
  public List<Change> changes(ModuleTensors module, Destination destination) {
    Form form = Form.of(module).orElseThrow();
    double scale = scale(module, form.rank());
    var added = new LowRankDelta(module.source(), form.up(), form.down(), module.find(CORE), scale);
    var place = destination.weight(added.outputs(), added.inputs(), form.up(), form.down());
    if (form.side() != place.inputs() && form.side() != place.shape().dim(1)) {
      throw destination
          .misfit(form.weightRight(), place.inputs() + " inputs, as b1 and b2 have")
          .toException();
    }
    var multiplied =
        new WeightProductTransform(
            new StoredPair(module.source(), form.weightLeft(), form.weightRight()),
            Math.toIntExact(form.side()),
            scale);
    return List.of(new Change.Transform(multiplied, place), new Change.Add(added, place));
  }
}
