package athanor.cli.command;

import athanor.cli.help.Examples;
import athanor.cli.option.FileLinkOptions;
import athanor.cli.option.OutputOptions;
import athanor.cli.option.ResultOptions;
import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Sizes;
import athanor.error.Problem;
import athanor.job.input.InputFolders;
import athanor.job.session.RebuildJob;
import athanor.report.RebuiltFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code athanor rebuild}: a merged file again, from the recipe in it. */
@Command(
    name = "rebuild",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a merged file again from the recipe inside it; proves that every tensor is the same.",
      "Its inputs are looked for by name beside it, in --inputs and here, else fetched from their"
          + " links. Without --out nothing is kept.",
      ""
    })
@Examples("athanor rebuild mine.safetensors --inputs ~/models")
public final class RebuildCommand implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "FILE", description = "A file that Athanor merged.")
  private @Nullable Path file;

  @Option(
      names = "--inputs",
      paramLabel = "FOLDER",
      description = "Where its inputs are. Can be given several times.")
  private List<Path> inputs = new ArrayList<>();

  @Mixin private FileLinkOptions links = new FileLinkOptions();
  @Mixin private ResultOptions result = new ResultOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  private final CommandContext context;

  RebuildCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    if (file == null) {
      throw Problem.usage("no file was given")
          .help("athanor rebuild mine.safetensors")
          .toException();
    }
    result.noteDevice(screen);
    var job =
        new RebuildJob(
            file,
            folders(file),
            () -> result.out().map(result::target),
            context.settings(result.threads()).withLinksOf(links.origin()));
    Screen aside = result.out().isPresent() ? screen.aside() : screen.withoutResults();
    print(
        RebuiltFile.of(String.valueOf(file.getFileName()), context.run(job, aside), result.out()),
        screen);
    return 0;
  }

  private InputFolders folders(Path original) {
    List<Path> folders = new ArrayList<>(inputs);
    folders.add(InputFolders.of(original));
    folders.add(Path.of("").toAbsolutePath());
    return new InputFolders(folders);
  }

  private static void print(RebuiltFile made, Screen screen) {
    if (screen.isJson()) {
      screen.result(made);
      return;
    }
    screen.result(
        made.file()
            + ": rebuilt from its recipe, and every byte of its "
            + made.tensors()
            + " tensors ("
            + Sizes.bytes(made.bytes())
            + ") is the same"
            + (made.sameFile()
                ? ", and so is the whole file"
                : "; the metadata are not, as another version of Athanor, or of the inputs' names or"
                    + " links, writes them otherwise")
            + made.output().map(out -> "; written to " + out).orElse(""));
  }
}
