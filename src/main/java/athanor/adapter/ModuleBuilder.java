package athanor.adapter;

import athanor.adapter.format.AdapterFormat;
import athanor.adapter.format.ModuleTensors;
import athanor.adapter.format.Part;
import athanor.adapter.format.PeftConfig;
import athanor.adapter.format.Suffix;
import athanor.adapter.format.SuffixTable;
import athanor.adapter.format.SuffixTable.Claim;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects the tensors of one module and gives each to its format. */
final class ModuleBuilder {
  private final String name;
  private final SuffixTable suffixes;
  private final List<Claimed> claimed = new ArrayList<>();

  /** A tensor with the formats whose suffix it has. */
  private record Claimed(TensorInfo tensor, List<Claim> claims) {
    Part part() {
      return claims.getFirst().suffix().part();
    }
  }

  ModuleBuilder(String name, SuffixTable suffixes) {
    this.name = name;
    this.suffixes = suffixes;
  }

  String name() {
    return name;
  }

  /** Adds a tensor; of formats that share its suffix, those whose shape it has remain. */
  void add(List<Claim> claims, TensorInfo tensor) {
    List<Claim> fitting =
        claims.stream().filter(claim -> claim.format().isEmpty() || fits(claim, tensor)).toList();
    claimed.add(new Claimed(tensor, fitting.isEmpty() ? claims : fitting));
  }

  private static boolean fits(Claim claim, TensorInfo tensor) {
    return claim.format().orElseThrow().claims(claim.suffix().part(), tensor);
  }

  Collection<TensorInfo> tensors() {
    return claimed.stream().map(Claimed::tensor).toList();
  }

  /** Whether there is more than an alpha or scale without anything to scale. */
  boolean hasSubstance() {
    return claimed.stream().anyMatch(one -> !one.part().isScalar());
  }

  /** Whether a tensor of it can only be of this format. */
  boolean isOf(AdapterFormat format) {
    return claimed.stream()
        .anyMatch(one ->
            one.claims().size() == 1
                && one.claims().getFirst().format().filter(format::equals).isPresent());
  }

  AdapterModule build(StateDict source, PeftConfig config) {
    List<String> repeated = new ArrayList<>();
    Map<AdapterFormat, Map<Part, TensorInfo>> byFormat = new LinkedHashMap<>();
    suffixes.formats().forEach(format -> byFormat.put(format, new LinkedHashMap<>()));
    Map<Part, TensorInfo> scalars = new LinkedHashMap<>();
    Map<Part, TensorInfo> taken = new LinkedHashMap<>();
    for (Claimed one : claimed) {
      if (taken.putIfAbsent(one.part(), one.tensor()) != null) {
        repeated.add(one.tensor().key());
      } else if (one.part().isScalar()) {
        scalars.put(one.part(), one.tensor());
      } else {
        Claim claim = owner(one);
        tensorsOf(byFormat, claim).put(claim.suffix().part(), one.tensor());
      }
    }
    Map<AdapterFormat, ModuleTensors> formats = new LinkedHashMap<>();
    byFormat.forEach((format, own) -> {
      if (!own.isEmpty()) {
        formats.put(format, new ModuleTensors(source, config, name, ordered(format, own, scalars)));
      }
    });
    return new AdapterModule(name, formats, repeated);
  }

  private static Map<Part, TensorInfo> tensorsOf(
      Map<AdapterFormat, Map<Part, TensorInfo>> byFormat, Claim claim) {
    return byFormat.computeIfAbsent(claim.format().orElseThrow(), format -> new LinkedHashMap<>());
  }

  /** Of several formats, the one that the module is of already, else the first. */
  private Claim owner(Claimed one) {
    return one.claims().stream()
        .filter(claim -> one.claims().size() == 1 || isOf(claim.format().orElseThrow()))
        .findFirst()
        .orElse(one.claims().getFirst());
  }

  /** The format's parts in the order of its suffixes, then others, then alpha and scale. */
  private static Map<Part, TensorInfo> ordered(
      AdapterFormat format, Map<Part, TensorInfo> own, Map<Part, TensorInfo> scalars) {
    Map<Part, TensorInfo> ordered = new LinkedHashMap<>();
    for (Suffix suffix : format.suffixes()) {
      TensorInfo tensor = own.get(suffix.part());
      if (tensor != null) {
        ordered.put(suffix.part(), tensor);
      }
    }
    own.entrySet().stream()
        .sorted(Comparator.comparing(entry -> entry.getKey().name()))
        .forEach(entry -> ordered.putIfAbsent(entry.getKey(), entry.getValue()));
    scalars.entrySet().stream()
        .sorted(Comparator.comparing(entry -> entry.getKey().name()))
        .forEach(entry -> ordered.put(entry.getKey(), entry.getValue()));
    return ordered;
  }
}
