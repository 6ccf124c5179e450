package athanor.adapter;

import athanor.adapter.format.AdapterFormat;
import athanor.adapter.format.AdapterFormats;
import athanor.adapter.format.Lora;
import athanor.adapter.format.MergingFormat;
import athanor.adapter.format.ModuleSize;
import athanor.adapter.format.ModuleTensors;
import athanor.adapter.format.Part;
import athanor.adapter.format.PeftConfig;
import athanor.adapter.format.RecognisedFormat;
import athanor.adapter.format.WrappingFormat;
import athanor.adapter.format.ZeroParts;
import athanor.delta.Arithmetic;
import athanor.delta.LowRankDelta;
import athanor.error.Problem;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/** The tensors of one module of an adapter file, by format. Immutable and thread-safe. */
public final class AdapterModule {
  private final String name;
  private final Map<AdapterFormat, ModuleTensors> formats;
  private final Map<Part, TensorInfo> tensors;
  private final List<String> repeated;

  /**
   * A module.
   *
   * @param name the module as the file spells it
   * @param formats its tensors, in the order of the formats
   * @param repeated keys that play a part which another key plays already
   */
  AdapterModule(String name, Map<AdapterFormat, ModuleTensors> formats, List<String> repeated) {
    this.name = name;
    this.formats = Collections.unmodifiableMap(new LinkedHashMap<>(formats));
    this.repeated = List.copyOf(repeated);
    Map<Part, TensorInfo> all = new LinkedHashMap<>();
    this.formats.values().forEach(own -> all.putAll(own.tensors()));
    this.tensors = Collections.unmodifiableMap(all);
  }

  /** The module as the file spells it. */
  public String name() {
    return name;
  }

  /** The formats its suffixes belong to. */
  public Set<AdapterFormat> formats() {
    return formats.keySet();
  }

  /** The tensors of one of its formats, its alpha and scale among them. */
  public Optional<ModuleTensors> of(AdapterFormat format) {
    return Optional.ofNullable(formats.get(format));
  }

  /** All its tensors, by their parts. */
  public Map<Part, TensorInfo> tensors() {
    return tensors;
  }

  /** The tensor in this part. */
  public Optional<TensorInfo> tensor(Part part) {
    return Optional.ofNullable(tensors.get(part));
  }

  /** Those of its formats that are known by name only. */
  public List<RecognisedFormat> recognisedOnly() {
    List<RecognisedFormat> found = new ArrayList<>();
    for (AdapterFormat format : formats()) {
      if (format instanceof RecognisedFormat recognised) {
        found.add(recognised);
      }
    }
    return found;
  }

  /** Why it cannot be merged by this version; empty if it can. */
  Optional<Problem> refusal() {
    return recognisedOnly().stream()
        .findFirst()
        .map(format -> format.refusal(Objects.requireNonNull(formats.get(format))));
  }

  /** Other programs leave such a factor out, and what the file means with it nobody says. */
  private Optional<Problem> scalarProblem() {
    return tensor(Part.SCALAR)
        .map(factor ->
            Problem.incompatible("this module has a factor of early LyCORIS beside its tensors")
                .at(formats.values().iterator().next().place())
                .found(factor.key())
                .expected("tensors that have it in them, as LyCORIS saves them since version 2")
                .help("leave it out, or load it into LyCORIS and save it again"));
  }

  /** Whether it is sound and empty, so that it can be left out: factors of rank 0. */
  boolean changesNothing() {
    return repeated.isEmpty()
        && formats.entrySet().stream()
            .allMatch(own ->
                own.getKey() instanceof MergingFormat format
                    && format.changesNothing(own.getValue()));
  }

  /** Whether its values leave every weight as it is; of sound modules of files that are here. */
  boolean isIdle() {
    return formats.entrySet().stream()
        .allMatch(own ->
            own.getKey() instanceof MergingFormat format
                && format.isIdle(own.getValue(), new ZeroParts(own.getValue())));
  }

  /** Whether the scale of each of its formats is known; otherwise alpha is taken as the rank. */
  boolean knowsScale() {
    return formats.entrySet().stream()
        .allMatch(own -> {
          OptionalLong rank =
              own.getKey() instanceof MergingFormat format
                  ? format.rank(own.getValue())
                  : OptionalLong.empty();
          return rank.isEmpty() || own.getValue().knowsScale(rank.getAsLong());
        });
  }

  /** Whether its keys are spelled as PEFT's, which stores alphas in a configuration. */
  boolean isInPeftSpelling() {
    return tensors.values().stream().anyMatch(tensor -> PeftConfig.isPeftName(tensor.key()));
  }

  /** What is wrong with it in itself, whatever checkpoint it meets; empty if it is sound. */
  Optional<Problem> problem() {
    if (!repeated.isEmpty()) {
      return Optional.of(
          formats
              .values()
              .iterator()
              .next()
              .broken("two tensors play the same part of this module")
              .found(repeated.getFirst() + " besides another spelling"));
    }
    for (Map.Entry<AdapterFormat, ModuleTensors> own : formats.entrySet()) {
      Optional<Problem> problem =
          switch (own.getKey()) {
            case MergingFormat format -> format.problem(own.getValue());
            case WrappingFormat format ->
                format.problem(own.getValue()).or(() -> aloneProblem(format, own.getValue()));
            case RecognisedFormat _ -> Optional.empty();
          };
      if (problem.isPresent()) {
        return problem;
      }
    }
    return absenceProblem().or(this::scalarProblem);
  }

  /** A format that the file says to be beside what is there, and that is not. */
  private Optional<Problem> absenceProblem() {
    for (AdapterFormat absent : AdapterFormats.ALL) {
      if (absent instanceof WrappingFormat wrapping && !formats.containsKey(absent)) {
        for (Map.Entry<AdapterFormat, ModuleTensors> own : formats.entrySet()) {
          Optional<Problem> problem = wrapping.absence(own.getValue(), own.getKey());
          if (problem.isPresent()) {
            return problem;
          }
        }
      }
    }
    return Optional.empty();
  }

  /** A format that alters what others do has others beside it. */
  private Optional<Problem> aloneProblem(WrappingFormat format, ModuleTensors own) {
    return formats.keySet().stream().allMatch(WrappingFormat.class::isInstance)
        ? Optional.of(
            own.broken("the " + format.label() + " of this module has nothing beside it to alter"))
        : Optional.empty();
  }

  /** The size of its weight as far as its formats tell. */
  ModuleSize size() {
    ModuleSize size = ModuleSize.UNKNOWN;
    for (Map.Entry<AdapterFormat, ModuleTensors> own : formats.entrySet()) {
      if (own.getKey() instanceof MergingFormat format) {
        size = size.or(format.size(own.getValue()));
      }
    }
    return size;
  }

  /** Whether it has both factors of a low-rank pair. */
  public boolean hasPair() {
    return tensors.containsKey(Lora.UP) && tensors.containsKey(Lora.DOWN);
  }

  /** The rank of the first of its formats that has one; 0 without. */
  public long rank() {
    for (Map.Entry<AdapterFormat, ModuleTensors> own : formats.entrySet()) {
      if (own.getKey() instanceof MergingFormat format) {
        OptionalLong rank = format.rank(own.getValue());
        if (rank.isPresent()) {
          return rank.getAsLong();
        }
      }
    }
    return 0;
  }

  /**
   * The sum of the squares of all values that it adds to a weight; empty if it is no plain low-rank
   * pair.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if its values cannot be read
   */
  OptionalDouble squaredEffect(Arithmetic arithmetic) {
    if (formats().size() != 1 || !hasPair() || problem().isPresent()) {
      return OptionalDouble.empty();
    }
    ModuleTensors own = pair().orElseThrow();
    LowRankDelta delta = Lora.pair(own, own.scale(rank()));
    double norm = delta.factors(arithmetic).squaredNorm(arithmetic.kernels());
    return OptionalDouble.of(delta.scale() * delta.scale() * norm);
  }

  /** The tensors of its low-rank pair. */
  Optional<ModuleTensors> pair() {
    return of(AdapterFormats.LORA);
  }
}
