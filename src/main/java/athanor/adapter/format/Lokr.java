package athanor.adapter.format;

import athanor.delta.Change;
import athanor.delta.KroneckerDelta;
import athanor.delta.LowRank;
import athanor.delta.StoredPair;
import athanor.delta.TuckerPair;
import athanor.error.Problem;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * A Kronecker product, ΔW = scale · C₁ ⊗ C₂, as LyCORIS, OneTrainer, SimpleTuner, ai-toolkit and
 * PEFT store it. Either side is stored itself ({@code lokr_w1}, {@code lokr_w2}) or as a low-rank
 * pair; the pair of C₂ may lie around a Tucker core ({@code lokr_t2}), where both of its factors
 * have the rank first. Kernels belong to C₂.
 *
 * <p>alpha is divided by the rank of a pair, that of C₂ first. Where both sides are stored
 * themselves it means nothing, and trainers write any number, even infinity: there the scale is 1.
 */
final class Lokr implements MergingFormat {
  static final Part FIRST = new Part("LoKr", "lokr_w1");
  static final Part FIRST_LEFT = new Part("LoKr", "lokr_w1_a");
  static final Part FIRST_RIGHT = new Part("LoKr", "lokr_w1_b");
  static final Part FIRST_CORE = new Part("LoKr", "lokr_t1");
  static final Part SECOND = new Part("LoKr", "lokr_w2");
  static final Part SECOND_LEFT = new Part("LoKr", "lokr_w2_a");
  static final Part SECOND_RIGHT = new Part("LoKr", "lokr_w2_b");
  static final Part SECOND_CORE = new Part("LoKr", "lokr_t2");

  /** One of the two matrices; {@code [rows, columns]} with the kernel in the columns. */
  private sealed interface Side {
    long rows();

    /** Columns, of a convolution its channels alone where the tensor tells them. */
    long channels();

    long columns();

    /** The tensor that messages name. */
    TensorInfo named();

    /** Why it cannot be used, in a sentence; empty if it can. */
    Optional<String> flaw();

    KroneckerDelta.Side load(ModuleTensors module);

    /** The side of a module; empty if a tensor is missing. */
    static Optional<Side> of(ModuleTensors module, Part whole, Part left, Part right, Part core) {
      if (module.has(whole)) {
        return Optional.of(new Whole(module.get(whole)));
      }
      return module.has(left) && module.has(right)
          ? Optional.of(new Pair(module.get(left), module.get(right), module.find(core)))
          : Optional.empty();
    }
  }

  private record Whole(TensorInfo named) implements Side {
    @Override
    public long rows() {
      return named.shape().rows();
    }

    @Override
    public long channels() {
      return ModuleSize.inputs(named.shape());
    }

    @Override
    public long columns() {
      return named.shape().columns();
    }

    @Override
    public Optional<String> flaw() {
      return named.shape().rank() >= 2 && isUsable(named.shape().elementCount())
          ? Optional.empty()
          : Optional.of("a side of the LoKr is no matrix of a usable size");
    }

    @Override
    public KroneckerDelta.Side load(ModuleTensors module) {
      return new KroneckerDelta.Whole(module.source(), named);
    }

    @Override
    public String toString() {
      return named.shape().toString();
    }
  }

  private record Pair(TensorInfo left, TensorInfo right, Optional<TensorInfo> core)
      implements Side {
    private long kernel() {
      return core.map(c -> c.shape().dim(2) * c.shape().dim(3)).orElse(1L);
    }

    @Override
    public long rows() {
      return core.isPresent() ? ModuleSize.inputs(left.shape()) : left.shape().rows();
    }

    @Override
    public long channels() {
      return ModuleSize.inputs(right.shape());
    }

    @Override
    public long columns() {
      return right.shape().columns() * kernel();
    }

    @Override
    public TensorInfo named() {
      return right;
    }

    @Override
    public Optional<String> flaw() {
      if (!meet()) {
        return Optional.of("the factors of the LoKr do not meet in one rank");
      }
      long rank = right.shape().rows();
      return isUsable(rows(), columns()) && isUsable(rank, columns())
          ? Optional.empty()
          : Optional.of("the factors of the LoKr make a matrix larger than any real one");
    }

    /** Whether the factors, and the core between them, meet in one rank above 0. */
    private boolean meet() {
      if (left.shape().rank() < 2 || right.shape().rank() < 2) {
        return false;
      }
      long rank = right.shape().rows();
      if (core.isEmpty()) {
        return rank > 0 && left.shape().columns() == rank;
      }
      Shape middle = core.get().shape();
      return middle.rank() == 4
          && isUsable(middle.elementCount())
          && middle.dim(0) == left.shape().rows()
          && middle.dim(1) == rank
          && right.shape().columns() == channels()
          && left.shape().columns() == rows();
    }

    @Override
    public KroneckerDelta.Side load(ModuleTensors module) {
      LowRank product =
          core.isPresent()
              ? new TuckerPair(module.source(), core.get(), left, right)
              : new StoredPair(module.source(), left, right);
      return new KroneckerDelta.Product(product, rows(), columns());
    }

    @Override
    public String toString() {
      String between = core.map(c -> ", core " + c.shape()).orElse("");
      return left.shape() + between + ", " + right.shape();
    }
  }

  private static Optional<Side> first(ModuleTensors module) {
    return Side.of(module, FIRST, FIRST_LEFT, FIRST_RIGHT, FIRST_CORE);
  }

  private static Optional<Side> second(ModuleTensors module) {
    return Side.of(module, SECOND, SECOND_LEFT, SECOND_RIGHT, SECOND_CORE);
  }

  /** Whether a matrix of these sides can be held in memory, and has values. */
  private static boolean isUsable(long... sides) {
    long elements = 1;
    for (long side : sides) {
      if (side <= 0 || side > TensorInfo.MOST_IN_MEMORY / elements) {
        return false;
      }
      elements *= side;
    }
    return true;
  }

  @Override
  public String label() {
    return "LoKr";
  }

  /** With the factor that trainers are asked for: the largest side of a C₁. */
  @Override
  public String kind(List<ModuleTensors> modules) {
    long factor = 0;
    for (ModuleTensors module : modules) {
      Optional<Side> first = first(module);
      if (first.isPresent()) {
        factor = Math.max(factor, Math.max(first.get().rows(), first.get().channels()));
      }
    }
    return factor == 0 ? label() : label() + ", factor " + factor;
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".lokr_w1", FIRST),
        Suffix.of(".lokr_w1_a", FIRST_LEFT),
        Suffix.of(".lokr_w1_b", FIRST_RIGHT),
        Suffix.of(".lokr_t1", FIRST_CORE),
        Suffix.of(".lokr_w2", SECOND),
        Suffix.of(".lokr_w2_a", SECOND_LEFT),
        Suffix.of(".lokr_w2_b", SECOND_RIGHT),
        Suffix.of(".lokr_t2", SECOND_CORE));
  }

  @Override
  public Optional<Problem> problem(ModuleTensors module) {
    List<TensorInfo> all = new ArrayList<>();
    module
        .tensors()
        .forEach((part, tensor) -> {
          if (!part.isScalar()) {
            all.add(tensor);
          }
        });
    return sideProblem(module, FIRST, FIRST_LEFT, FIRST_RIGHT)
        .or(() -> sideProblem(module, SECOND, SECOND_LEFT, SECOND_RIGHT))
        .or(() -> coreProblem(module))
        .or(() -> module.typeProblem("a factor", all))
        .or(() -> shapeProblem(module));
  }

  private static Optional<Problem> sideProblem(
      ModuleTensors module, Part whole, Part left, Part right) {
    boolean anyFactor = module.has(left) || module.has(right);
    if (module.has(whole) && anyFactor) {
      return Optional.of(
          module
              .broken("a side of the LoKr is stored twice")
              .found(whole.name() + " beside its factors"));
    }
    return module.has(whole) || module.has(left) && module.has(right)
        ? Optional.empty()
        : Optional.of(
            module
                .broken("a factor of the LoKr is missing")
                .expected(whole.name() + ", or " + left.name() + " and " + right.name()));
  }

  private static Optional<Problem> coreProblem(ModuleTensors module) {
    if (module.has(FIRST_CORE)) {
      return Optional.of(
          module
              .broken("the LoKr has a Tucker core on the side that has no kernel")
              .found(FIRST_CORE.name()));
    }
    return module.has(SECOND_CORE) && module.has(SECOND)
        ? Optional.of(
            module
                .broken("the LoKr has a Tucker core without the factors around it")
                .found(SECOND_CORE.name() + " beside " + SECOND.name()))
        : Optional.empty();
  }

  private static Optional<Problem> shapeProblem(ModuleTensors module) {
    Side first = first(module).orElseThrow();
    Side second = second(module).orElseThrow();
    for (Side side : List.of(first, second)) {
      Optional<Problem> flaw = side.flaw().map(what -> module.broken(what).found(side));
      if (flaw.isPresent()) {
        return flaw;
      }
    }
    if (first.columns() != first.channels()) {
      return Optional.of(module.broken("the first side of the LoKr has a kernel").found(first));
    }
    return isUsable(first.rows(), second.rows()) && isUsable(first.columns(), second.columns())
        ? Optional.empty()
        : Optional.of(
            module
                .broken("the LoKr makes a matrix larger than any real one")
                .found(first + " and " + second));
  }

  @Override
  public boolean isIdle(ModuleTensors module, ZeroParts zeros) {
    return zeros.any(
        FIRST, FIRST_LEFT, FIRST_RIGHT, SECOND, SECOND_LEFT, SECOND_RIGHT, SECOND_CORE);
  }

  @Override
  public ModuleSize size(ModuleTensors module) {
    Optional<Side> first = first(module);
    Optional<Side> second = second(module);
    if (first.isEmpty() || second.isEmpty()) {
      return ModuleSize.UNKNOWN;
    }
    return new ModuleSize(
        size(first.get().channels(), second.get().channels()),
        size(first.get().rows(), second.get().rows()));
  }

  private static long size(long outer, long inner) {
    return isUsable(outer, inner) ? outer * inner : 0;
  }

  @Override
  public OptionalLong rank(ModuleTensors module) {
    return module.rankOf(SECOND_RIGHT, FIRST_RIGHT);
  }

  @Override
  public List<Change> changes(ModuleTensors module, Destination destination) {
    Side first = first(module).orElseThrow();
    Side second = second(module).orElseThrow();
    OptionalLong rank = rank(module);
    KroneckerDelta delta =
        new KroneckerDelta(
            first.load(module),
            second.load(module),
            rank.isPresent() ? module.scale(rank.getAsLong()) : scaleWithoutRank(module));
    return List.of(
        new Change.Add(
            delta,
            destination.weight(delta.outputs(), delta.inputs(), second.named(), second.named())));
  }

  /** PEFT divides alpha by the rank that was configured even where no factor has it. */
  private static double scaleWithoutRank(ModuleTensors module) {
    if (!module.source().isHere()) {
      return 1;
    }
    OptionalDouble scale = module.number(Part.SCALE);
    if (scale.isPresent()) {
      return scale.getAsDouble();
    }
    OptionalLong configured = module.config().rankOf(module.module());
    return module.has(Part.ALPHA) || configured.isEmpty()
        ? 1
        : module.config().scaleOf(module.module(), configured.getAsLong()).orElse(1);
  }
}
