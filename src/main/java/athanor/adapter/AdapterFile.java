package athanor.adapter;

import athanor.adapter.format.AdapterFormat;
import athanor.adapter.format.AdapterFormats;
import athanor.adapter.format.Lora;
import athanor.adapter.format.ModuleSize;
import athanor.adapter.format.ModuleTensors;
import athanor.adapter.format.Part;
import athanor.adapter.format.PeftConfig;
import athanor.adapter.format.RecognisedFormat;
import athanor.adapter.format.SuffixTable;
import athanor.delta.Arithmetic;
import athanor.delta.LowRankFactors;
import athanor.error.Problem;
import athanor.kernel.Kernels;
import athanor.model.LoraArchitecture;
import athanor.model.LoraArchitectures;
import athanor.model.ModuleDims;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An open LoRA file (or a relative of it), taken apart into modules. The modules are sorted by
 * name, so that nothing depends on the order of keys in the file. Safe for use by several threads.
 */
public final class AdapterFile {
  private final StateDict source;
  private final List<AdapterFormat> known;
  private final PeftConfig config;
  private final List<AdapterModule> modules;
  private final List<AdapterModule> empty;
  private final List<String> otherKeys;
  private @Nullable List<AdapterModule> idle;

  private AdapterFile(
      StateDict source,
      List<AdapterFormat> known,
      PeftConfig config,
      List<AdapterModule> modules,
      List<AdapterModule> empty,
      List<String> otherKeys) {
    this.source = source;
    this.known = known;
    this.config = config;
    this.modules = modules;
    this.empty = empty;
    this.otherKeys = otherKeys;
  }

  /** Whether some key has the suffix of an adapter, so that this is not a checkpoint. */
  public static boolean looksLikeAdapter(Collection<TensorInfo> tensors) {
    for (TensorInfo tensor : tensors) {
      Optional<Part> part = AdapterFormats.partOf(tensor.key());
      if (part.isPresent() && !part.get().isScalar()) {
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
    return of(source, AdapterFormats.suffixes());
  }

  /** As {@link #of(StateDict)}, knowing the formats of this table. */
  static AdapterFile of(StateDict source, SuffixTable suffixes) {
    Map<String, ModuleBuilder> builders = new TreeMap<>();
    List<TensorInfo> unassigned = new ArrayList<>();
    for (TensorInfo tensor : source.tensors()) {
      List<SuffixTable.Claim> claims = suffixes.claims(tensor.key());
      if (claims.isEmpty()) {
        unassigned.add(tensor);
      } else {
        builders
            .computeIfAbsent(claims.getFirst().module(), name -> new ModuleBuilder(name, suffixes))
            .add(claims, tensor);
      }
    }
    List<TensorInfo> strays = new ArrayList<>();
    for (TensorInfo tensor : unassigned) {
      if (suffixes.besides(tensor.key()).stream()
          .noneMatch(claim -> join(claim, tensor, builders))) {
        strays.add(tensor);
      }
    }
    for (ModuleBuilder builder : List.copyOf(builders.values())) {
      if (!builder.hasSubstance()) {
        strays.addAll(builder.tensors());
        builders.remove(builder.name());
      }
    }
    PeftConfig config = PeftConfig.of(source);
    List<String> others = new ArrayList<>();
    boolean isAdapter = !builders.isEmpty();
    for (TensorInfo tensor : strays) {
      List<SuffixTable.Claim> claims = strayClaims(tensor.key(), suffixes, config);
      if (isAdapter && !claims.isEmpty()) {
        builders
            .computeIfAbsent(claims.getFirst().module(), name -> new ModuleBuilder(name, suffixes))
            .add(claims, tensor);
      } else {
        others.add(tensor.key());
      }
    }
    List<AdapterModule> modules = new ArrayList<>();
    List<AdapterModule> empty = new ArrayList<>();
    for (ModuleBuilder builder : builders.values()) {
      AdapterModule module = builder.build(source, config);
      (module.changesNothing() ? empty : modules).add(module);
    }
    return new AdapterFile(
        source,
        suffixes.formats(),
        config,
        List.copyOf(modules),
        List.copyOf(empty),
        others.stream().sorted().toList());
  }

  private static List<SuffixTable.Claim> strayClaims(
      String key, SuffixTable suffixes, PeftConfig config) {
    return suffixes.strays(key).stream()
        .filter(claim ->
            claim.format().orElseThrow().claimsStray(claim.module(), claim.suffix().part(), config))
        .toList();
  }

  /** Adds a tensor to its module if that is of the format whose suffix it has. */
  private static boolean join(
      SuffixTable.Claim claim, TensorInfo tensor, Map<String, ModuleBuilder> builders) {
    ModuleBuilder builder = builders.get(claim.module());
    if (builder == null || !builder.isOf(claim.format().orElseThrow())) {
      return false;
    }
    builder.add(List.of(claim), tensor);
    return true;
  }

  /** The open file. */
  public StateDict source() {
    return source;
  }

  /** The file name, as messages show it. */
  public String name() {
    return source.name();
  }

  /** The modules, sorted by name, but those that are {@linkplain #empty empty}. */
  public List<AdapterModule> modules() {
    return modules;
  }

  /** Modules of rank 0, sorted by name: they change nothing and take part in nothing. */
  public List<AdapterModule> empty() {
    return empty;
  }

  /**
   * Sound modules whose values change nothing, such as pairs with a factor of zeros; sorted by
   * name. Of a file that is elsewhere none are known.
   *
   * @throws athanor.error.AthanorException if the file cannot be read
   */
  public synchronized List<AdapterModule> idle() {
    if (idle == null) {
      idle =
          source.isHere()
              ? modules.stream()
                  .filter(module -> module.problem().isEmpty() && module.isIdle())
                  .toList()
              : List.of();
    }
    return idle;
  }

  /**
   * Why its factors cannot be taken as they are, by the configuration that comes with it; empty if
   * they can.
   */
  public Optional<Problem> refusal() {
    return config.refusal().map(problem -> problem.at(name()).found(foundAt(problem)));
  }

  private static String foundAt(Problem problem) {
    return problem.found().map(found -> found + ", in ").orElse("") + problem.where().orElse("");
  }

  /** What is left out or taken for granted in it, whatever it meets, in sentences. */
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (!empty.isEmpty()) {
      notes.add(count(empty.size()) + " of rank 0 left out (" + empty.getFirst().name() + ")");
    }
    if (!idle().isEmpty()) {
      notes.add(count(idle().size()) + idleText() + " (" + idle().getFirst().name() + ")");
    }
    long unknown =
        modules.stream()
            .filter(module -> !module.knowsScale() && module.isInPeftSpelling())
            .count();
    if (unknown > 0) {
      notes.add("no alpha in " + count(unknown) + ": taken as rank");
    }
    List<String> fields = config.unknownFields();
    if (!fields.isEmpty()) {
      notes.add("configuration fields that nothing is known of: " + String.join(", ", fields));
    }
    return notes;
  }

  private String idleText() {
    return idle().size() == 1
        ? " changes nothing: its factors are zero"
        : " change nothing: their factors are zero";
  }

  private static String count(long modules) {
    return modules == 1 ? "1 module" : modules + " modules";
  }

  /** Keys that belong to no module, sorted: bundled embeddings, stray alphas, unknown tensors. */
  public List<String> otherKeys() {
    return otherKeys;
  }

  /** The architecture it was made for, from its module names and sizes, then its metadata. */
  public LoraArchitecture madeFor() {
    List<ModuleDims> dims = new ArrayList<>();
    for (AdapterModule module : modules.isEmpty() ? empty : modules) {
      ModuleSize size = module.size();
      dims.add(new ModuleDims(module.name(), size.in(), size.out()));
    }
    return LoraArchitectures.detect(dims, source.metadata());
  }

  /** All formats that occur, in the order in which reports name them. */
  public Set<AdapterFormat> formats() {
    Set<AdapterFormat> formats = new LinkedHashSet<>();
    for (AdapterFormat format : known) {
      if (modules.stream().anyMatch(module -> module.formats().contains(format))) {
        formats.add(format);
      }
    }
    return formats;
  }

  /** Those of its formats that this version knows by name only. */
  public List<RecognisedFormat> recognisedOnly() {
    List<RecognisedFormat> found = new ArrayList<>();
    for (AdapterFormat format : formats()) {
      if (format instanceof RecognisedFormat recognised) {
        found.add(recognised);
      }
    }
    return found;
  }

  /** The configuration that comes with it. */
  public PeftConfig config() {
    return config;
  }

  /** The tensors of one format, module by module. */
  List<ModuleTensors> modulesOf(AdapterFormat format) {
    return modules.stream().flatMap(module -> module.of(format).stream()).toList();
  }

  /**
   * The scale of a module's low-rank pair, as {@link ModuleTensors#scale}.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if the value is not one finite number
   */
  public double scaleOf(AdapterModule module) {
    return module.pair().orElseThrow().scale(module.rank());
  }

  /**
   * Whether two modules do the same to a weight: the same formats with the same scales and values,
   * however they are stored.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if an alpha is not one finite number,
   *     or the file cannot be read
   */
  public boolean doTheSame(AdapterModule one, AdapterModule other) {
    return new SameChange(source, one, other).holds();
  }

  /**
   * The alpha that a module stores itself; empty if it stores none.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if the value is not one finite number
   */
  public OptionalDouble storedAlpha(AdapterModule module) {
    return module.pair().map(pair -> pair.number(Part.ALPHA)).orElse(OptionalDouble.empty());
  }

  /**
   * All values of one of its tensors, row-major.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if a value is NaN or infinite, or the
   *     file cannot be read
   */
  public float[] values(TensorInfo tensor, Kernels kernels) {
    return Arithmetic.float32(kernels).read(source, tensor);
  }

  /** What is wrong with a module in itself, whatever checkpoint it meets; empty if it is sound. */
  public Optional<Problem> problemOf(AdapterModule module) {
    return module.problem();
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
    return Lora.pair(module.pair().orElseThrow(), 1).factors(Arithmetic.float32(kernels));
  }
}
