package athanor.adapter.format;

import athanor.delta.Change;
import athanor.delta.InputRotation;
import athanor.delta.SkewBlocks;
import athanor.delta.SkewBlocks.Form;
import athanor.error.Problem;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Rotations of a weight's inputs in blocks of b, as PEFT and OneTrainer store them: each row of
 * {@code oft_R.weight} is the strict upper triangle of a skew-symmetric Q, and R ≈ I + 2Q + 2Q² +
 * 2Q³ + Q⁴. One row serves all blocks where there is only one. What PEFT's configuration says goes
 * before: {@code use_cayley_neumann} false means the exact R = (I − Q)(I + Q)⁻¹, which turns the
 * other way, and {@code num_cayley_neumann_terms} another end of the series.
 *
 * <p>W′ = W·diag(R)ᵀ; but kernels of convolutions that OneTrainer trained are turned the other way,
 * W′ = W·diag(R), as its forward pass does. Its files are known by the metadata that it writes, and
 * by names with underscores, which PEFT never has.
 *
 * <p>OneTrainer's {@code scaled_oft} says that Q was trained larger: divided by 2·√(b − 1), or
 * where it is stored as an integer, as by the first version with it, by √(b·(b − 1)/2).
 */
final class OftV2 implements MergingFormat {
  /** The triangles, {@code [n, b·(b − 1)/2]}. */
  static final Part TRIANGLES = new Part("OFTv2", "oft_R");

  /** Whether the triangles are to be divided. */
  static final Part SCALED = new Part("OFTv2", "oft_R.scaled_oft");

  private static final int USUAL_TERMS = 5;
  private static final int MOST_TERMS = 100;

  @Override
  public String label() {
    return "OFTv2";
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".oft_R.weight", TRIANGLES),
        Suffix.of(".oft_R.*.weight", TRIANGLES),
        Suffix.of(".oft_R.scaled_oft", SCALED));
  }

  @Override
  public boolean meansTheSameAnywhere() {
    return false;
  }

  @Override
  public Optional<Problem> problem(ModuleTensors module) {
    if (!module.has(TRIANGLES)) {
      return Optional.of(module.broken("the rotations of the OFTv2 are missing"));
    }
    TensorInfo triangles = module.get(TRIANGLES);
    return module
        .typeProblem("a rotation", List.of(triangles))
        .or(() -> shapeProblem(module, triangles));
  }

  private static Optional<Problem> shapeProblem(ModuleTensors module, TensorInfo triangles) {
    Shape shape = triangles.shape();
    if (shape.rank() == 2
        && shape.elementCount() > 0
        && shape.elementCount() <= TensorInfo.MOST_IN_MEMORY
        && side(shape).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        module
            .broken("the rotations of the OFTv2 are no triangles of blocks")
            .found(triangles.key() + " of shape " + shape)
            .expected("[blocks, b·(b − 1) / 2], the strict upper triangle of b × b in each row"));
  }

  /** The side of a block of which the triangle has so many values. */
  private static OptionalLong side(Shape shape) {
    long values = shape.dim(1);
    long side = Math.round((1 + Math.sqrt(1 + 8.0 * values)) / 2);
    return side <= Short.MAX_VALUE && side * (side - 1) / 2 == values
        ? OptionalLong.of(side)
        : OptionalLong.empty();
  }

  @Override
  public boolean isIdle(ModuleTensors module, ZeroParts zeros) {
    return zeros.all(TRIANGLES);
  }

  /**
   * The inputs that the blocks cover, those of a kernel among them; unknown of a single block,
   * which may serve any number.
   */
  @Override
  public ModuleSize size(ModuleTensors module) {
    return module
        .find(TRIANGLES)
        .map(TensorInfo::shape)
        .filter(shape -> shape.rank() == 2 && shape.dim(0) > 1 && side(shape).isPresent())
        .map(shape -> new ModuleSize(shape.dim(0) * side(shape).orElseThrow(), 0))
        .orElse(ModuleSize.UNKNOWN);
  }

  /** None. */
  @Override
  public OptionalLong rank(ModuleTensors module) {
    return OptionalLong.empty();
  }

  @Override
  public List<Change> changes(ModuleTensors module, Destination destination) {
    TensorInfo triangles = module.get(TRIANGLES);
    long side = side(triangles.shape()).orElseThrow();
    long count = triangles.shape().dim(0);
    long inputs = destination.shape().columns();
    if (count == 1 ? inputs % side != 0 : count * side != inputs) {
      throw destination
          .misfit(
              triangles, "rotations of blocks of " + side + " for " + inputs + " inputs together")
          .toException();
    }
    if (setting(module, "coft").filter("true"::equals).isPresent()) {
      throw Problem.incompatible("constrained OFT of PEFT (coft) is not supported yet")
          .at(module.place())
          .help("leave this file out; a later version will merge it")
          .toException();
    }
    boolean exact = setting(module, "use_cayley_neumann").filter("false"::equals).isPresent();
    SkewBlocks rotations =
        new SkewBlocks(
            module.source(),
            triangles,
            Form.TRIANGLE,
            Math.toIntExact(side),
            (exact ? -1 : 1) / divisor(module, side),
            OptionalDouble.empty(),
            exact ? 0 : terms(module));
    boolean turned = destination.shape().rank() > 2 && isOfOneTrainer(module);
    return List.of(
        new Change.Transform(
            new InputRotation(rotations, turned, Optional.empty()), destination.weight()));
  }

  private static Optional<String> setting(ModuleTensors module, String field) {
    return module.config().value(module.module(), field);
  }

  private static int terms(ModuleTensors module) {
    Optional<String> stated = setting(module, "num_cayley_neumann_terms");
    if (stated.isEmpty()) {
      return USUAL_TERMS;
    }
    try {
      int terms = Integer.parseInt(stated.get());
      if (terms >= 1 && terms <= MOST_TERMS) {
        return terms;
      }
    } catch (NumberFormatException _) {
      // refused below
    }
    throw Problem.badFile("the configuration gives the series of the rotations an odd length")
        .at(module.place())
        .found("num_cayley_neumann_terms " + stated.get())
        .expected("a number from 1 to " + MOST_TERMS)
        .toException();
  }

  private static double divisor(ModuleTensors module, long side) {
    Optional<TensorInfo> flag = module.find(SCALED);
    boolean scaled =
        flag.isPresent() && (!module.source().isHere() || module.number(SCALED).orElseThrow() != 0);
    if (!scaled) {
      return 1;
    }
    return flag.get().dtype() == DType.I64
        ? Math.sqrt(side * (side - 1) / 2.0)
        : 2 * Math.sqrt(side - 1.0);
  }

  private static boolean isOfOneTrainer(ModuleTensors module) {
    return module.module().startsWith("lora_")
        || module.source().metadata().keySet().stream().anyMatch(key -> key.startsWith("ot_"));
  }
}
