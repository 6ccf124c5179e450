package athanor.job.inspect;

import athanor.error.Problem;
import athanor.hub.Declared;
import athanor.hub.RemoteFile;
import athanor.job.input.Inputs;
import athanor.job.input.RemoteInput;
import athanor.job.input.RemoteInputs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a file is that was given as a link: from its structure, else from its listing. */
public final class RemoteInspection {
  private RemoteInspection() {}

  /**
   * Looks at the file that stands at this place.
   *
   * @throws athanor.error.AthanorException as {@link Inspection#of(Path, Inputs)}
   */
  public static Inspection of(RemoteInputs inputs, Path place) {
    RemoteInput input = inputs.at(place).orElseThrow();
    Optional<Problem> unreadable = input.unreadable();
    Inspection inspection =
        unreadable.isPresent()
            ? declared(input.file(), unreadable.get())
            : Inspection.of(place, inputs);
    List<Inspection.Fact> facts = new ArrayList<>(inspection.facts());
    facts.addAll(listed(input.file()));
    input.size().ifPresent(size -> facts.add(new Inspection.Fact("bytes", Long.toString(size))));
    input
        .file()
        .sha256()
        .filter(hash -> input.parts().isEmpty())
        .ifPresent(hash -> facts.add(new Inspection.Fact("listed SHA-256", hash)));
    return new Inspection(
        inspection.what(),
        facts,
        inspection.notes(),
        inspection.skipped(),
        inspection.metadata(),
        inspection.tensors());
  }

  private static Inspection declared(RemoteFile file, Problem reason) {
    Declared declared = file.declared();
    String what =
        declared.type().orElse("a file")
            + declared.baseModel().map(base -> " for " + base).orElse("")
            + ", as its listing declares";
    List<String> notes = new ArrayList<>();
    notes.add("not read: " + reason.line());
    reason.help().ifPresent(notes::add);
    return new Inspection(what, List.of(), notes, List.of(), Map.of(), List.of());
  }

  private static List<Inspection.Fact> listed(RemoteFile file) {
    List<Inspection.Fact> facts = new ArrayList<>();
    facts.add(new Inspection.Fact("source", file.link().canonical()));
    Declared declared = file.declared();
    declared.model().ifPresent(model -> facts.add(new Inspection.Fact("listed as", model)));
    declared.baseModel().ifPresent(base -> facts.add(new Inspection.Fact("declared base", base)));
    if (!declared.triggerWords().isEmpty()) {
      facts.add(new Inspection.Fact("trigger words", String.join(", ", declared.triggerWords())));
    }
    declared.license().ifPresent(name -> facts.add(new Inspection.Fact("license", name)));
    return facts;
  }
}
