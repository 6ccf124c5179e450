package athanor.cli;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.format.FileHashes;
import athanor.hub.Link;
import athanor.job.Inspection;
import athanor.job.RemoteInputs;
import athanor.job.RemoteInspection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JsonGenerator;

/** {@code athanor inspect}: what a file is. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = "Says what a file is: architecture, kind, rank, types, metadata, hashes.")
final class InspectCommand implements Callable<Integer> {
  private static final int VALUE_LIMIT = 120;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Any files or links.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--hash",
      description = "Also compute SHA-256 and the AutoV1, AutoV2 and AutoV3 hashes.")
  private boolean hash;

  @Mixin private OutputOptions output = new OutputOptions();

  private final CommandContext context;

  InspectCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    try (RemoteInputs remote = context.remoteInputs(screen)) {
      return inspect(remote, screen);
    }
  }

  private int inspect(RemoteInputs remote, Screen screen) {
    int code = 0;
    for (String file : files) {
      try {
        if (Link.looksLikeLink(file)) {
          Path place = Objects.requireNonNull(remote.find(List.of(file)).get(file));
          String shown = remote.at(place).orElseThrow().file().asked();
          print(screen, shown, Optional.empty(), RemoteInspection.of(remote, place));
        } else {
          print(screen, file, Optional.of(Path.of(file)), Inspection.of(Path.of(file)));
        }
      } catch (AthanorException e) {
        code = Math.max(code, e.problem().kind().exitCode());
        printProblem(screen, e.problem());
      }
    }
    return code;
  }

  private void print(Screen screen, String file, Optional<Path> local, Inspection inspection) {
    Optional<FileHashes> hashes = local.filter(path -> hash).map(path -> hashes(screen, path));
    if (hash && local.isEmpty()) {
      screen.note(file + ": hashes of a link are those of its listing; athanor get verifies them");
    }
    if (screen.isJson()) {
      screen.result(json -> write(json, file, inspection, hashes));
      return;
    }
    screen.result(file + ": " + inspection.what());
    inspection.facts().forEach(fact -> line(screen, fact.label(), fact.text()));
    hashes.ifPresent(found -> byName(found).forEach((name, value) -> line(screen, name, value)));
    new TreeMap<>(inspection.metadata())
        .forEach((key, value) -> line(screen, key, shortened(screen, value)));
    inspection.notes().forEach(note -> line(screen, "note", note));
  }

  private static void line(Screen screen, String label, String text) {
    screen.result("  " + label + ": " + text);
  }

  private static String shortened(Screen screen, String value) {
    return screen.isVerbose() || value.length() <= VALUE_LIMIT
        ? value
        : value.substring(0, VALUE_LIMIT) + "… (" + value.length() + " characters, -v shows all)";
  }

  private static FileHashes hashes(Screen screen, Path file) {
    try (InputFile input = InputFile.open(file);
        var progress = ProgressDisplay.on(screen)) {
      return FileHashes.of(input, progress);
    }
  }

  private static Map<String, String> byName(FileHashes hashes) {
    Map<String, String> names = new TreeMap<>();
    names.put("AutoV1", hashes.autoV1());
    names.put("AutoV2", hashes.autoV2());
    names.put("AutoV3", hashes.autoV3().substring(0, 12));
    names.put("SHA-256", hashes.sha256());
    return names;
  }

  private static void printProblem(Screen screen, Problem problem) {
    if (screen.isJson()) {
      screen.error(problem);
      return;
    }
    screen.result(problem.line());
    problem.help().ifPresent(help -> screen.result("help: " + help));
  }

  private static void write(
      JsonGenerator json, String file, Inspection inspection, Optional<FileHashes> hashes) {
    json.writeStringProperty("result", "file");
    json.writeStringProperty("file", file);
    json.writeStringProperty("what", inspection.what());
    inspection.facts().forEach(fact -> json.writeStringProperty(fact.label(), fact.text()));
    hashes.ifPresent(found -> byName(found).forEach(json::writeStringProperty));
    json.writeName("metadata");
    json.writeStartObject();
    inspection.metadata().forEach(json::writeStringProperty);
    json.writeEndObject();
    json.writeName("notes");
    json.writeStartArray();
    inspection.notes().forEach(json::writeString);
    json.writeEndArray();
  }
}
