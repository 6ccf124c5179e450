package athanor.adapter.format;

import athanor.error.Problem;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The tensors of one module that belong to one format, its alpha and scale among them. Immutable
 * and thread-safe.
 */
public final class ModuleTensors {
  private final StateDict source;
  private final PeftConfig config;
  private final String module;
  private final Map<Part, TensorInfo> tensors;

  /**
   * The tensors of a module.
   *
   * @param source the open file
   * @param config the configuration that comes with the file
   * @param module the module, as the file spells it
   * @param tensors its tensors by their parts
   */
  public ModuleTensors(
      StateDict source, PeftConfig config, String module, Map<Part, TensorInfo> tensors) {
    this.source = source;
    this.config = config;
    this.module = module;
    this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /** The open file. */
  public StateDict source() {
    return source;
  }

  /** The configuration that comes with the file; empty when none does. */
  public PeftConfig config() {
    return config;
  }

  /** The module, as the file spells it. */
  public String module() {
    return module;
  }

  /** The file and the module, as problems name them. */
  public String place() {
    return source.name() + ", " + module;
  }

  /** The first dimension of the first of these parts that is there: the rank of a right factor. */
  public OptionalLong rankOf(Part... right) {
    for (Part part : right) {
      if (has(part)) {
        Shape shape = get(part).shape();
        return shape.rank() > 0 ? OptionalLong.of(shape.dim(0)) : OptionalLong.empty();
      }
    }
    return OptionalLong.empty();
  }

  /** The size of a weight that is stored itself in a part; unknown if it is not there. */
  public ModuleSize sizeOf(Part weight) {
    return find(weight)
        .map(TensorInfo::shape)
        .map(shape -> new ModuleSize(ModuleSize.inputs(shape), shape.rows()))
        .orElse(ModuleSize.UNKNOWN);
  }

  /** All tensors. */
  public Map<Part, TensorInfo> tensors() {
    return tensors;
  }

  /** The tensor in this part. */
  public Optional<TensorInfo> find(Part part) {
    return Optional.ofNullable(tensors.get(part));
  }

  /** Whether there is a tensor in this part. */
  public boolean has(Part part) {
    return tensors.containsKey(part);
  }

  /**
   * The tensor in this part.
   *
   * @throws java.util.NoSuchElementException if there is none
   */
  public TensorInfo get(Part part) {
    return find(part).orElseThrow();
  }

  /**
   * The factor of a module of this rank: the {@code scale} tensor if there is one, else alpha /
   * rank, else what a PEFT configuration says, else 1. Of a file that is elsewhere the tensors are
   * not read, each of which would cost a request: a module that has them gives 1 there.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if the value is not one finite number
   */
  public double scale(long rank) {
    if (!source.isHere() && storesScale()) {
      return 1;
    }
    OptionalDouble scale = number(Part.SCALE);
    if (scale.isPresent()) {
      return scale.getAsDouble();
    }
    OptionalDouble alpha = number(Part.ALPHA);
    return alpha.isPresent() ? alpha.getAsDouble() / rank : config.scaleOf(module, rank).orElse(1);
  }

  /** Whether its scale stands in a tensor of its own, alpha or scale. */
  public boolean storesScale() {
    return has(Part.ALPHA) || has(Part.SCALE);
  }

  /** Whether a tensor or a configuration tells its scale; otherwise alpha is taken as the rank. */
  public boolean knowsScale(long rank) {
    return storesScale() || config.scaleOf(module, rank).isPresent();
  }

  /**
   * The one value of a tensor; empty if there is no tensor in this part.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it is not one finite number
   */
  public OptionalDouble number(Part part) {
    TensorInfo tensor = tensors.get(part);
    if (tensor == null) {
      return OptionalDouble.empty();
    }
    double value = ScalarValue.read(source, tensor);
    if (!Double.isFinite(value)) {
      throw Problem.badFile(
              part.isScalar() ? "alpha is not a finite number" : part + " is not a finite number")
          .at(source.name() + ", " + tensor.key())
          .found(value)
          .help("the file is damaged; download it again")
          .toException();
    }
    return OptionalDouble.of(value);
  }

  /** A problem of this module in itself; add what was found. */
  public Problem broken(String what) {
    return Problem.badFile(what)
        .at(place())
        .help("the file is damaged or half-converted; download it again, or leave it out");
  }

  /** The problem of a tensor whose type cannot be calculated with; empty if all can. */
  public Optional<Problem> typeProblem(String what, Iterable<TensorInfo> factors) {
    for (TensorInfo factor : factors) {
      if (!factor.dtype().isArithmetic()) {
        return Optional.of(
            broken(what + " has a type that is no floating-point number")
                .found(factor.key() + " of type " + factor.dtype()));
      }
    }
    return Optional.empty();
  }
}
