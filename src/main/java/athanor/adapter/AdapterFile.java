package athanor.adapter;

import athanor.error.Problem;
import athanor.kernel.Kernels;
import athanor.model.LoraArchitecture;
import athanor.model.LoraArchitectures;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;

/**
 * An open LoRA file (or a relative of it), taken apart into modules. The modules are sorted by
 * name, so that nothing depends on the order of keys in the file. Safe for use by several threads.
 */
public final class AdapterFile {
  private final StateDict source;
  private final List<AdapterModule> modules;
  private final List<String> otherKeys;
  private final PeftConfig config;

  private AdapterFile(
      StateDict source, List<AdapterModule> modules, List<String> otherKeys, PeftConfig config) {
    this.source = source;
    this.modules = modules;
    this.otherKeys = otherKeys;
    this.config = config;
  }

  /** Whether some key has the suffix of an adapter, so that this is not a checkpoint. */
  public static boolean looksLikeAdapter(Collection<TensorInfo> tensors) {
    for (TensorInfo tensor : tensors) {
      var key = AdapterKey.parse(tensor.key());
      if (key.isPresent() && key.get().role() != Role.ALPHA && key.get().role() != Role.SCALE) {
        return true;
      }
    }
    return false;
  }

  /**
   * Takes a file apart.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it carries a PEFT configuration that
   *     cannot be read
   */
  public static AdapterFile of(StateDict source) {
    Map<String, Builder> builders = new TreeMap<>();
    List<TensorInfo> unassigned = new ArrayList<>();
    for (TensorInfo tensor : source.tensors()) {
      var key = AdapterKey.parse(tensor.key());
      if (key.isPresent()) {
        builders.computeIfAbsent(key.get().module(), Builder::new).add(key.get(), tensor);
      } else {
        unassigned.add(tensor);
      }
    }
    List<String> others = new ArrayList<>();
    for (TensorInfo tensor : unassigned) {
      if (!belongsToIa3(tensor, builders)) {
        others.add(tensor.key());
      }
    }
    List<AdapterModule> modules = new ArrayList<>();
    for (Builder builder : builders.values()) {
      if (builder.hasSubstance()) {
        modules.add(builder.build());
      } else {
        builder.tensors.values().forEach(tensor -> others.add(tensor.key()));
      }
    }
    return new AdapterFile(
        source, List.copyOf(modules), others.stream().sorted().toList(), PeftConfig.of(source));
  }

  /** IA3 keeps its vector under {@code X.weight}, which alone says nothing. */
  private static boolean belongsToIa3(TensorInfo tensor, Map<String, Builder> builders) {
    String key = tensor.key();
    if (!key.endsWith(".weight")) {
      return false;
    }
    Builder builder = builders.get(key.substring(0, key.length() - ".weight".length()));
    return builder != null && builder.formats.contains(Format.IA3);
  }

  /** The open file. */
  public StateDict source() {
    return source;
  }

  /** The file name, as messages show it. */
  public String name() {
    return source.name();
  }

  /** The modules, sorted by name. */
  public List<AdapterModule> modules() {
    return modules;
  }

  /** Keys that belong to no module, sorted: bundled embeddings, stray alphas, unknown tensors. */
  public List<String> otherKeys() {
    return otherKeys;
  }

  /** The architecture it was made for, from its module names and sizes, then its metadata. */
  public LoraArchitecture madeFor() {
    return LoraArchitectures.detect(Dimensions.of(this), source.metadata());
  }

  /** All formats that occur. */
  public Set<Format> formats() {
    Set<Format> formats = EnumSet.noneOf(Format.class);
    modules.forEach(module -> formats.addAll(module.formats()));
    return formats;
  }

  /**
   * The scale of a module's low-rank pair: the {@code scale} tensor if there is one, else alpha /
   * rank, else what a PEFT configuration says, else 1. Of a file that is elsewhere the tensors are
   * not read, each of which would cost a request: there it is 1.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if the value is not one finite number
   */
  public double scaleOf(AdapterModule module) {
    if (!source.isHere()) {
      return 1;
    }
    var scale = module.tensor(Role.SCALE);
    if (scale.isPresent()) {
      return finite(scale.get());
    }
    var alpha = module.tensor(Role.ALPHA);
    if (alpha.isPresent()) {
      return finite(alpha.get()) / module.rank();
    }
    OptionalDouble configured = config.scaleOf(module.name(), module.rank());
    return configured.orElse(1);
  }

  /**
   * The alpha that a module stores itself; empty if it stores none.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if the value is not one finite number
   */
  public OptionalDouble storedAlpha(AdapterModule module) {
    return module
        .tensor(Role.ALPHA)
        .map(alpha -> OptionalDouble.of(finite(alpha)))
        .orElse(OptionalDouble.empty());
  }

  /**
   * All values of one of its tensors, row-major.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if a value is NaN or infinite, or the
   *     file cannot be read
   */
  public float[] values(TensorInfo tensor, Kernels kernels) {
    return TensorValues.read(source, tensor, kernels);
  }

  /** What is wrong with a module in itself, whatever checkpoint it meets; empty if it is sound. */
  public Optional<Problem> problemOf(AdapterModule module) {
    return PairCheck.problemOf(this, module);
  }

  /**
   * The values of a module's low-rank pair as ΔW = up · down, without scale; a Tucker core is
   * folded into {@code down}, so that {@code down} is {@code [rank, in·kh·kw]}.
   *
   * @param module one of {@link #modules} that has a pair and no {@linkplain #problemOf problem}
   * @throws athanor.error.AthanorException of kind BAD_FILE if the factors cannot be read or hold
   *     NaN or infinite values
   */
  public LowRankFactors factorsOf(AdapterModule module, Kernels kernels) {
    return LowRankDelta.load(
        source,
        module.tensor(Role.UP).orElseThrow(),
        module.tensor(Role.DOWN).orElseThrow(),
        module.tensor(Role.MID),
        kernels);
  }

  /** As {@link #scaleOf}, and 1 for a module without a pair. */
  double scaleOrOne(AdapterModule module) {
    return module.hasPair() ? scaleOf(module) : 1;
  }

  private double finite(TensorInfo tensor) {
    double value = ScalarValue.read(source, tensor);
    if (!Double.isFinite(value)) {
      throw Problem.badFile("alpha is not a finite number")
          .at(name() + ", " + tensor.key())
          .found(value)
          .help("the file is damaged; download it again")
          .toException();
    }
    return value;
  }

  private static final class Builder {
    private final String module;
    private final Map<Role, TensorInfo> tensors = new EnumMap<>(Role.class);
    private final Set<Format> formats = EnumSet.noneOf(Format.class);
    private final List<String> repeated = new ArrayList<>();

    Builder(String module) {
      this.module = module;
    }

    void add(AdapterKey key, TensorInfo tensor) {
      if (key.role() == Role.OTHER) {
        formats.add(oftOrBoft(key.format(), tensor));
        return;
      }
      if (key.role() != Role.ALPHA && key.role() != Role.SCALE) {
        formats.add(key.format());
      }
      if (tensors.putIfAbsent(key.role(), tensor) != null) {
        repeated.add(tensor.key());
      }
    }

    private static Format oftOrBoft(Format format, TensorInfo tensor) {
      return format == Format.OFT && tensor.shape().rank() == 4 ? Format.BOFT : format;
    }

    /** Whether there is more than an alpha or scale without anything to scale. */
    boolean hasSubstance() {
      return !formats.isEmpty();
    }

    AdapterModule build() {
      return new AdapterModule(module, tensors, formats, repeated);
    }
  }
}
