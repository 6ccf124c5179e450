package athanor.job;

import athanor.adapter.AdapterFile;
import athanor.hub.Declared;
import athanor.job.input.InputKinds;
import athanor.job.input.RemoteInput;
import athanor.job.input.RemoteInputs;
import athanor.model.Architecture;
import athanor.model.DeclaredArchitecture;
import athanor.model.LoraArchitecture;
import athanor.recipe.LoraInput;
import athanor.recipe.MixInput;
import athanor.recipe.Recipe;
import athanor.tensor.StateDict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The verdict when the bytes of some input cannot be had without a token: architectures only,
 * partly as listings declare them.
 *
 * @param base the base
 * @param loras what goes into it: further checkpoints, then the LoRAs, in order
 */
public record DeclaredCheck(Line base, List<Line> loras) {

  /** A verdict from declarations. */
  public enum Verdict {
    FITS("fits"),
    DOES_NOT_FIT("does not fit"),
    UNKNOWN("not known");

    private final String label;

    Verdict(String label) {
      this.label = label;
    }

    /** Its name in a table. */
    public String label() {
      return label;
    }
  }

  /**
   * An input.
   *
   * @param name file name
   * @param kind what it is, in a word
   * @param madeFor its architecture, in words
   * @param declared whether that is what a listing says, not what the file shows
   * @param verdict whether it fits the base
   */
  public record Line(String name, String kind, String madeFor, boolean declared, Verdict verdict) {}

  /** Copies the list. */
  public DeclaredCheck {
    loras = List.copyOf(loras);
  }

  /** Whether something does not fit. */
  public boolean refuses() {
    return loras.stream().anyMatch(line -> line.verdict() == Verdict.DOES_NOT_FIT);
  }

  private record Known(String kind, List<Architecture> candidates, String text, boolean declared) {}

  /**
   * Judges the inputs of a recipe that has a base.
   *
   * @throws athanor.error.AthanorException as {@link PreparedMerge#of} for an input whose bytes can
   *     be read
   */
  public static DeclaredCheck of(Recipe recipe, RemoteInputs inputs) {
    Path basePath = recipe.base().orElseThrow();
    Known base = known(basePath, inputs, true);
    List<Line> loras = new ArrayList<>();
    for (Path model : recipe.mix().stream().flatMap(MixInput::files).toList()) {
      Known known = known(model, inputs, true);
      loras.add(line(String.valueOf(model.getFileName()), known, common(base, known)));
    }
    for (LoraInput lora : recipe.loras()) {
      Known known = known(lora.file(), inputs, false);
      loras.add(line(lora.name(), known, verdict(base, known)));
    }
    return new DeclaredCheck(
        line(String.valueOf(basePath.getFileName()), base, Verdict.UNKNOWN), loras);
  }

  private static Line line(String name, Known known, Verdict verdict) {
    return new Line(name, known.kind(), known.text(), known.declared(), verdict);
  }

  private static Verdict verdict(Known base, Known lora) {
    if (lora.kind().toLowerCase(Locale.ROOT).equals("checkpoint")) {
      return Verdict.DOES_NOT_FIT;
    }
    return common(base, lora);
  }

  private static Verdict common(Known base, Known lora) {
    if (base.candidates().isEmpty() || lora.candidates().isEmpty()) {
      return Verdict.UNKNOWN;
    }
    return lora.candidates().stream().anyMatch(base.candidates()::contains)
        ? Verdict.FITS
        : Verdict.DOES_NOT_FIT;
  }

  private static Known known(Path path, RemoteInputs inputs, boolean isBase) {
    Optional<RemoteInput> remote = inputs.at(path).filter(input -> input.unreadable().isPresent());
    if (remote.isPresent()) {
      return declared(remote.get().file().declared());
    }
    try (StateDict file = inputs.open(path, note -> {})) {
      return isBase ? checkpoint(file) : lora(file);
    }
  }

  private static Known declared(Declared declared) {
    Optional<Architecture> architecture = declared.baseModel().flatMap(DeclaredArchitecture::of);
    return new Known(
        declared.type().orElse("?"),
        architecture.stream().toList(),
        architecture.map(Architecture::label).or(declared::baseModel).orElse("?"),
        true);
  }

  private static Known checkpoint(StateDict file) {
    Architecture architecture = InputKinds.requireCheckpoint(file).architecture();
    return new Known("checkpoint", List.of(architecture), architecture.label(), false);
  }

  private static Known lora(StateDict file) {
    if (!AdapterFile.looksLikeAdapter(file.tensors())) {
      throw InputKinds.notALora(file).toException();
    }
    List<Architecture> candidates =
        switch (AdapterFile.of(file).madeFor()) {
          case LoraArchitecture.Certain certain -> List.of(certain.architecture());
          case LoraArchitecture.OneOf several -> List.copyOf(several.candidates());
          case LoraArchitecture.Undetermined _ -> List.of();
        };
    String text =
        candidates.isEmpty()
            ? "?"
            : candidates.stream().map(Architecture::label).collect(Collectors.joining(" or "));
    return new Known("LoRA", candidates, text, false);
  }
}
