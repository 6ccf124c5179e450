package athanor.merge.lora.spelling;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterModule;
import athanor.adapter.format.AdapterFormat;
import athanor.adapter.format.AdapterFormats;
import athanor.adapter.format.Lora;
import athanor.adapter.format.Part;
import athanor.adapter.format.RecognisedFormat;
import athanor.error.Problem;
import athanor.merge.lora.LoraFormat;
import athanor.model.Component;
import athanor.model.FusedModule;
import athanor.model.Target;
import athanor.model.TargetIndex;
import athanor.tensor.DType;
import athanor.tensor.Rows.Run;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds the names of a LoRA's modules in another spelling. A module of which only the parts have
 * names is split: the same right factor, and the part's rows of the left. Modules of which only the
 * whole has a name are joined, see {@link JoinedPair}. Both are exact.
 */
final class SpelledModules {
  private final AdapterFile file;
  private final TargetIndex targets;
  private final LoraFormat format;
  private final Map<String, List<Target>> nameable = new HashMap<>();
  private final Map<Target, AdapterModule> taken = new HashMap<>();
  private final Map<Target, AdapterModule> written = new HashMap<>();
  private final Map<Target, JoinedPair> joined = new LinkedHashMap<>();
  private final List<SpelledModule> modules = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private int repeated;
  private int split;
  private int parts;
  private int reordered;

  private SpelledModules(AdapterFile file, TargetIndex targets, LoraFormat format) {
    this.file = file;
    this.targets = targets;
    this.format = format;
    for (Target target : targets.targets()) {
      if (nameOf(target).isPresent()) {
        nameable.computeIfAbsent(target.weight().key(), key -> new ArrayList<>()).add(target);
      }
    }
  }

  /**
   * A LoRA's modules.
   *
   * @param modules under their new names
   * @param notes what had to be done for them, in sentences
   */
  record Result(List<SpelledModule> modules, List<String> notes) {}

  /**
   * Names the modules of a file.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if one has no name in the spelling,
   *     or is of a format that has none; of kind BAD_FILE if one is broken, or two change the same
   *     weights
   */
  static Result of(AdapterFile file, TargetIndex targets, LoraFormat format) {
    Optional<Problem> refusal = file.refusal();
    if (refusal.isPresent()) {
      throw refusal.get().toException();
    }
    var spelled = new SpelledModules(file, targets, format);
    for (AdapterModule module : file.modules()) {
      spelled.requireSpeakable(module);
      spelled.add(module);
    }
    return spelled.result();
  }

  private Result result() {
    int members = 0;
    int wholes = 0;
    for (Map.Entry<Target, JoinedPair> entry : joined.entrySet()) {
      JoinedPair pair = entry.getValue();
      write(entry.getKey(), pair.first(), Optional.of(pair.pair()));
      if (pair.isReordered()) {
        reordered++;
      } else {
        members += pair.members();
        wholes++;
      }
    }
    if (modules.isEmpty()) {
      throw Problem.incompatible("this LoRA has no modules to write")
          .at(file.name())
          .found(file.empty().size() + " modules of rank 0, which change nothing")
          .toException();
    }
    if (repeated > 0) {
      notes.add(repeated + " modules stored twice with the same values, written once");
    }
    if (split > 0) {
      notes.add(
          split
              + " fused modules were split into "
              + parts
              + ", for which "
              + format
              + " has names; what they do stays the same");
    }
    if (members > 0) {
      notes.add(
          members
              + " modules were joined into "
              + wholes
              + " fused ones, for which "
              + format
              + " has names; what they do stays the same, ranks add up");
    }
    if (reordered > 0) {
      notes.add("the rows of " + reordered + " modules are in the order that " + format + " has");
    }
    return new Result(List.copyOf(modules), notes);
  }

  private void add(AdapterModule module) {
    Optional<Target> found = targets.find(module.name());
    if (found.isEmpty()) {
      addInSeveral(module);
      return;
    }
    Target target = found.get();
    AdapterModule earlier = taken.putIfAbsent(target, module);
    if (earlier != null) {
      if (!file.doTheSame(earlier, module)) {
        throw sameWeights(module, target).toException();
      }
      repeated++;
      return;
    }
    if (nameOf(target).isPresent()) {
      write(target, module, pairOf(module));
      return;
    }
    List<Target> cover = partsOf(target);
    if (!cover.isEmpty()) {
      requirePlainPair(module);
      countSplit(cover.size());
      cover.forEach(part -> writePart(part, module, target.weight().positionsOf(part.weight())));
      return;
    }
    Target whole = wholeAround(target).orElseThrow(() -> noName(module, target).toException());
    requirePlainPair(module);
    joined
        .computeIfAbsent(whole, _ -> new JoinedPair(file, whole))
        .add(module, target, pairOf(module).orElseThrow());
  }

  /** A module that the published checkpoint has in several tensors. */
  private void addInSeveral(AdapterModule module) {
    FusedModule fused =
        targets
            .findFused(module.name())
            .filter(one -> one.parts().stream().allMatch(part -> nameOf(part.target()).isPresent()))
            .orElseThrow(() ->
                Problem.incompatible("a module has no name in the other spelling")
                    .at(file.name() + ", " + module.name())
                    .help("without --format only types and containers are converted, names stay")
                    .toException());
    requirePlainPair(module);
    countSplit(fused.parts().size());
    fused.parts().forEach(part -> writePart(part.target(), module, part.rows()));
  }

  private void countSplit(int into) {
    if (into == 1) {
      reordered++;
    } else {
      split++;
      parts += into;
    }
  }

  private void writePart(Target part, AdapterModule module, List<Run> rows) {
    SpelledModule.Pair whole = pairOf(module).orElseThrow();
    write(
        part,
        module,
        Optional.of(
            new SpelledModule.Pair(
                new Factor.SomeRows(whole.up(), rows),
                whole.down(),
                whole.scale(),
                whole.alpha())));
  }

  private void write(Target target, AdapterModule module, Optional<SpelledModule.Pair> pair) {
    if (written.putIfAbsent(target, module) != null) {
      throw sameWeights(module, target).toException();
    }
    modules.add(new SpelledModule(nameOf(target).orElseThrow(), module, pair));
  }

  private Problem sameWeights(AdapterModule module, Target target) {
    return Problem.badFile("two modules of this file change the same weights")
        .at(file.name() + ", " + module.name())
        .found("the same as " + target);
  }

  private Optional<String> nameOf(Target target) {
    return target.names().in(format.dialect());
  }

  private List<Target> nameableIn(Target target) {
    return nameable.getOrDefault(target.weight().key(), List.of());
  }

  /** The largest parts that have names, if they are all of a target. */
  private List<Target> partsOf(Target whole) {
    List<Target> inside =
        nameableIn(whole).stream()
            .filter(whole::contains)
            .sorted(Comparator.comparingLong((Target part) -> -part.weight().count()))
            .toList();
    List<Target> largest = new ArrayList<>();
    for (Target part : inside) {
      if (largest.stream().noneMatch(part::overlaps)) {
        largest.add(part);
      }
    }
    long covered = largest.stream().mapToLong(part -> part.weight().count()).sum();
    return covered == whole.weight().count() ? largest : List.of();
  }

  /** The smallest target with a name that has all rows of this one. */
  private Optional<Target> wholeAround(Target part) {
    return nameableIn(part).stream()
        .filter(whole -> whole.contains(part))
        .min(Comparator.comparingLong(whole -> whole.weight().count()));
  }

  private Optional<SpelledModule.Pair> pairOf(AdapterModule module) {
    if (!module.hasPair()) {
      return Optional.empty();
    }
    Optional<TensorInfo> alpha =
        module.tensor(Part.SCALE).isPresent() ? Optional.empty() : module.tensor(Part.ALPHA);
    return Optional.of(
        new SpelledModule.Pair(
            new Factor.Stored(file.source(), module.tensor(Lora.UP).orElseThrow()),
            new Factor.Stored(file.source(), module.tensor(Lora.DOWN).orElseThrow()),
            file.scaleOf(module),
            alpha));
  }

  /** Factors that can be taken apart and put together. */
  private void requirePlainPair(AdapterModule module) {
    boolean wide =
        Stream.of(Lora.UP, Lora.DOWN)
            .flatMap(part -> module.tensor(part).stream())
            .anyMatch(tensor -> tensor.dtype() == DType.F64);
    if (wide) {
      throw Problem.incompatible("factors of 64 bits are not split or joined")
          .at(file.name() + ", " + module.name())
          .help(
              "convert their type first: athanor convert "
                  + file.name()
                  + " --save_precision float --out narrow.safetensors")
          .toException();
    }
    boolean plain = module.formats().equals(Set.of(AdapterFormats.LORA));
    boolean tucker = module.tensor(Lora.MID).isPresent();
    if (!plain || tucker) {
      throw Problem.incompatible("only plain pairs can be split or joined")
          .at(file.name() + ", " + module.name())
          .found(
              tucker
                  ? "a convolution with a mid factor"
                  : module.formats().iterator().next().label()
                      + ", for which "
                      + format
                      + " has"
                      + " names only in other pieces")
          .help(
              "make it plain first: athanor convert "
                  + file.name()
                  + " --to lora --out plain.safetensors")
          .toException();
    }
  }

  private Problem noName(AdapterModule module, Target target) {
    boolean kohyas = format == LoraFormat.AI_TOOLKIT && target.component() == Component.UNET;
    return Problem.incompatible("the spelling of " + format + " has no name for this module")
        .at(file.name() + ", " + module.name())
        .help(
            kohyas
                ? "for UNets ai-toolkit writes kohya's names: --format kohya"
                : "choose another --format, or none: then names stay");
  }

  private void requireSpeakable(AdapterModule module) {
    Optional<Problem> problem = file.problemOf(module);
    if (problem.isPresent()) {
      throw problem.get().toException();
    }
    for (AdapterFormat one : module.formats()) {
      boolean speakable =
          one == AdapterFormats.LORA
              || format.hasDifferences()
                  && !(one instanceof RecognisedFormat)
                  && one.meansTheSameAnywhere();
      if (!speakable) {
        throw refusal(module, one.label()).toException();
      }
    }
    if (module.tensor(Lora.MID).isPresent() && !format.hasDifferences()) {
      throw refusal(module, "a convolution with a mid factor")
          .help("expand it first: athanor resize with --rank of at least its own")
          .toException();
    }
    if (module.tensor(Lora.BIAS).isPresent()) {
      throw refusal(module, "a bias beside a pair").toException();
    }
  }

  private Problem refusal(AdapterModule module, String what) {
    return Problem.incompatible("the spelling of " + format + " has no names for this")
        .at(file.name() + ", " + module.name())
        .found(what)
        .help("leave --format out: then only types and containers are converted");
  }
}
