package athanor.merge.lora.sum;

import athanor.adapter.AdapterFile;
import athanor.error.Problem;
import athanor.model.Architecture;
import athanor.model.Architectures;
import athanor.model.LoraArchitecture;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The architecture that several LoRAs are for. The first file that leaves no doubt decides; without
 * one, what the files have in common; then a note says that it is a guess.
 *
 * @param architecture the architecture; empty when nothing tells
 * @param decidedBy the file that decided
 * @param note a guess, in words
 */
public record CommonArchitecture(
    Optional<Architecture> architecture, String decidedBy, Optional<String> note) {

  /** Decides for files in the order of the request. */
  public static CommonArchitecture of(List<AdapterFile> files) {
    for (AdapterFile file : files) {
      if (file.madeFor() instanceof LoraArchitecture.Certain certain) {
        return new CommonArchitecture(
            Optional.of(certain.architecture()), file.name(), Optional.empty());
      }
    }
    return guess(files);
  }

  private static CommonArchitecture guess(List<AdapterFile> files) {
    List<Architecture> possible = new ArrayList<>();
    String first = "";
    String firstEvidence = "";
    for (AdapterFile file : files) {
      if (file.madeFor() instanceof LoraArchitecture.OneOf several) {
        if (possible.isEmpty()) {
          first = file.name();
          firstEvidence = several.evidence();
          possible.addAll(several.candidates());
        } else if (several.candidates().stream().anyMatch(possible::contains)) {
          possible.retainAll(several.candidates());
        }
      }
    }
    Optional<Architecture> likeliest =
        possible.stream().filter(Architecture::isMergeable).findFirst();
    if (likeliest.isEmpty()) {
      return new CommonArchitecture(possible.stream().findFirst(), first, Optional.empty());
    }
    String note =
        firstEvidence
            + ", which fits "
            + labels(possible)
            + "; the result is named as for "
            + likeliest.get().label();
    return new CommonArchitecture(
        likeliest, first, possible.size() > 1 ? Optional.of(note) : Optional.empty());
  }

  /** Why a file cannot take part; empty if it was made for this architecture, or may have been. */
  public Optional<Problem> refusalOf(AdapterFile file) {
    LoraArchitecture madeFor = file.madeFor();
    List<Architecture> possible =
        switch (madeFor) {
          case LoraArchitecture.Certain certain -> List.of(certain.architecture());
          case LoraArchitecture.OneOf several -> several.candidates();
          case LoraArchitecture.Undetermined _ -> List.of();
        };
    if (architecture.isEmpty()) {
      return Optional.of(
          Problem.incompatible("nothing tells for which architecture this LoRA was made")
              .at(file.name())
              .found(madeFor.evidence())
              .help("give the checkpoint it is for: --base FILE"));
    }
    Architecture common = architecture.get();
    if (!possible.isEmpty() && possible.stream().noneMatch(one -> one.sharesModulesWith(common))) {
      return Optional.of(
          Problem.incompatible("LoRAs of different architectures cannot be merged")
              .at(file.name())
              .found("a LoRA for " + labels(possible) + " (" + madeFor.evidence() + ")")
              .expected(common.label() + ", as " + decidedBy + " was made for")
              .help("merge LoRAs of one architecture at a time"));
    }
    if (!common.isMergeable()) {
      return Optional.of(
          Problem.incompatible(common.label() + " LoRAs are not supported yet")
              .at(file.name())
              .found(madeFor.evidence())
              .expected("LoRAs for a model such as " + Architectures.mergeable()));
    }
    return Optional.empty();
  }

  private static String labels(List<Architecture> architectures) {
    return architectures.stream().map(Architecture::label).collect(Collectors.joining(" or "));
  }
}
