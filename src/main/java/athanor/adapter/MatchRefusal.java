package athanor.adapter;

import athanor.adapter.format.AdapterFormat;
import athanor.adapter.format.RecognisedFormat;
import athanor.error.Problem;
import athanor.model.Architecture;
import athanor.model.CheckpointModel;
import athanor.model.LoraArchitecture;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Decides whether a LoRA can be merged, and if not, which of its troubles to name: the wrong
 * architecture before an unsupported format, that before broken or misfitting modules, and last
 * that nothing would be applied.
 */
final class MatchRefusal {
  private final AdapterFile file;
  private final CheckpointModel model;
  private final LoraArchitecture madeFor;
  private final List<ModuleMatch> modules;

  MatchRefusal(
      AdapterFile file,
      CheckpointModel model,
      LoraArchitecture madeFor,
      List<ModuleMatch> modules) {
    this.file = file;
    this.model = model;
    this.madeFor = madeFor;
    this.modules = modules;
  }

  Optional<Problem> refusal() {
    return wrongArchitecture()
        .or(file::refusal)
        .or(this::unsupportedFormat)
        .or(this::refusedModule)
        .or(this::nothingApplied);
  }

  private Optional<Problem> wrongArchitecture() {
    if (model.isKnownByNameOnly()) {
      return notEveryName();
    }
    List<Architecture> possible =
        switch (madeFor) {
          case LoraArchitecture.Certain certain -> List.of(certain.architecture());
          case LoraArchitecture.OneOf several -> several.candidates();
          case LoraArchitecture.Undetermined _ -> List.of();
        };
    if (possible.isEmpty()
        || possible.stream().anyMatch(one -> one.sharesModulesWith(model.architecture()))) {
      return Optional.empty();
    }
    String label = possible.stream().map(Architecture::label).collect(Collectors.joining(" or "));
    return Optional.of(
        Problem.incompatible("this LoRA was made for " + label)
            .at(file.name())
            .found(madeFor.evidence())
            .expected("a LoRA for " + model.architecture().label() + ", like the base")
            .help(wayOut(possible)));
  }

  /** A base of which only the keys are known must have every module. */
  private Optional<Problem> notEveryName() {
    List<String> missing =
        modules.stream()
            .filter(match -> match.outcome() instanceof ModuleOutcome.WithoutTarget)
            .map(match -> match.module().name())
            .toList();
    return missing.isEmpty() && file.otherKeys().isEmpty()
        ? Optional.empty()
        : Optional.of(
            Problem.incompatible(
                    "the base is of an unknown architecture, and this LoRA is not for it")
                .at(file.name())
                .found(
                    missing.isEmpty()
                        ? "the key " + file.otherKeys().getFirst() + ", which belongs to no module"
                        : missing.size()
                            + " of "
                            + modules.size()
                            + " modules that the base does not have, such as "
                            + missing.getFirst())
                .expected("a LoRA whose modules are all weights of the base by name"));
  }

  /** A base of that kind, where such can be merged into. */
  private static String wayOut(List<Architecture> possible) {
    String labels =
        possible.stream()
            .filter(Architecture::isMergeable)
            .map(Architecture::label)
            .collect(Collectors.joining(" or "));
    return labels.isEmpty()
        ? "leave this LoRA out; Athanor does not merge into such checkpoints yet"
        : "use " + article(labels) + " checkpoint as the base, or leave this LoRA out";
  }

  private static String article(String label) {
    boolean spelled = label.matches("[AEFHILMNORSX][A-Z0-9].*") && !label.startsWith("FLUX");
    return (spelled || "AEIO".indexOf(label.charAt(0)) >= 0 ? "an " : "a ") + label;
  }

  private Optional<Problem> unsupportedFormat() {
    List<RecognisedFormat> unsupported = file.recognisedOnly();
    if (unsupported.isEmpty()) {
      return Optional.empty();
    }
    String names = unsupported.stream().map(AdapterFormat::label).collect(Collectors.joining(", "));
    long count =
        modules.stream().filter(match -> !match.module().recognisedOnly().isEmpty()).count();
    return Optional.of(
        Problem.incompatible("this file is of a format that is not supported yet")
            .at(file.name())
            .found(names + " in " + count + " of " + modules.size() + " modules")
            .expected("LoRA, LoHa, LoKr, DoRA or another format that can be merged")
            .help(unsupported.getFirst().advice()));
  }

  private Optional<Problem> refusedModule() {
    List<Problem> problems =
        modules.stream()
            .map(ModuleMatch::outcome)
            .filter(ModuleOutcome.Refused.class::isInstance)
            .map(outcome -> ((ModuleOutcome.Refused) outcome).problem())
            .toList();
    if (problems.isEmpty()) {
      return Optional.empty();
    }
    Problem first = problems.getFirst();
    int more = problems.size() - 1;
    return Optional.of(
        more == 0
            ? first
            : new Problem(
                first.kind(),
                first.what() + " (and " + more + " more modules with such trouble)",
                first.where(),
                first.found(),
                first.expected(),
                first.help()));
  }

  private Optional<Problem> nothingApplied() {
    boolean anyApplied =
        modules.stream().anyMatch(match -> match.outcome() instanceof ModuleOutcome.Applied);
    if (anyApplied) {
      return Optional.empty();
    }
    String example =
        modules.isEmpty()
            ? file.empty().isEmpty()
                ? "no modules at all"
                : file.empty().size() + " modules of rank 0, which change nothing"
            : "modules such as " + modules.getFirst().module().name();
    return Optional.of(
        Problem.incompatible("nothing of this LoRA would be applied")
            .at(file.name())
            .found("0 of " + modules.size() + " modules with a place in the base; " + example)
            .expected("names of " + model.architecture().label() + " modules")
            .help("leave it out, or use the base it was made for"));
  }
}
