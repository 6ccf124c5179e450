package athanor.cli.command;

import athanor.card.CardOptions;
import athanor.cli.help.Examples;
import athanor.cli.option.OutputOptions;
import athanor.cli.terminal.ProgressDisplay;
import athanor.cli.terminal.Screen;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.file.OutputTarget;
import athanor.hub.upload.RepoId;
import athanor.job.publish.CardText;
import athanor.report.PrintedCard;
import athanor.report.WrittenCard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code athanor card}: the model card of a file. */
@Command(
    name = "card",
    mixinStandardHelpOptions = true,
    description = {
      "Writes the model card of a checkpoint or a LoRA: the README.md that Hugging Face shows, with"
          + " the recipe, trigger words, credits, hashes and how to use it.",
      ""
    })
@Examples({
  "athanor card mine.safetensors --repo me/mine --out README.md",
  "athanor card mine.safetensors --out README.md --update --license openrail++"
})
public final class CardCommand implements Callable<Integer> {
  private static final long LONGEST_README = 4 << 20;

  @Parameters(paramLabel = "FILE", description = "The checkpoint or LoRA.")
  private Path file = Path.of("");

  @Option(
      names = "--repo",
      paramLabel = "USER/REPO",
      description = "The repository it goes to; examples then name it.")
  private @Nullable String repo;

  @Option(
      names = "--license",
      paramLabel = "ID",
      description = "The licence, as Hugging Face spells it; default: what all inputs agree on.")
  private @Nullable String license;

  @Option(
      names = {"--out", "-o"},
      paramLabel = "FILE",
      description = "Where the card goes; default: standard output.")
  private @Nullable Path out;

  @Option(names = "--overwrite", description = "Replace an existing card.")
  private boolean overwrite;

  @Option(
      names = "--update",
      description = "Add to an existing card what it lacks; its text and its keys stay.")
  private boolean update;

  @Mixin private OutputOptions output = new OutputOptions();

  private final CommandContext context;

  CardCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    var options =
        new CardOptions(Optional.ofNullable(repo).map(RepoId::parse), Optional.ofNullable(license));
    if (out == null) {
      if (update || overwrite) {
        throw Problem.usage((update ? "--update" : "--overwrite") + " without a card")
            .help("say which: --out README.md")
            .toException();
      }
      print(screen, text(screen, options, Optional.empty()));
      return 0;
    }
    if (update && overwrite) {
      throw Problem.usage("--update and --overwrite exclude each other").toException();
    }
    Optional<String> existing =
        update && Files.exists(out) ? Optional.of(read(out)) : Optional.empty();
    OutputTarget target = target(out);
    target.write(text(screen, options, existing));
    report(screen, new WrittenCard(out.toString(), existing.isPresent()));
    return 0;
  }

  private String text(Screen screen, CardOptions options, Optional<String> existing) {
    try (var progress = ProgressDisplay.on(screen)) {
      return CardText.of(file, options, existing, Optional.empty(), progress);
    }
  }

  private OutputTarget target(Path card) {
    if (Files.isRegularFile(card) && !overwrite && !update) {
      throw Problem.usage("there is a card already")
          .at(card.toString())
          .help("--update adds what it lacks, --overwrite replaces it")
          .toException();
    }
    OutputTarget target = OutputTarget.of(card, overwrite || update);
    try (InputFile input = InputFile.open(file)) {
      return target.refuseInputs(List.of(input));
    }
  }

  private static String read(Path card) {
    try {
      if (Files.size(card) > LONGEST_README) {
        throw Problem.badFile("this is too large for a card")
            .at(card.toString())
            .found(Files.size(card) + " bytes")
            .expected("at most " + LONGEST_README)
            .toException();
      }
      return Files.readString(card);
    } catch (IOException e) {
      throw Problem.badFile("the existing card cannot be read")
          .at(card.toString())
          .expected("a text file in UTF-8")
          .toException(e);
    }
  }

  private static void print(Screen screen, String text) {
    if (screen.isJson()) {
      screen.result(new PrintedCard(text));
      return;
    }
    text.lines().forEach(screen::result);
  }

  private static void report(Screen screen, WrittenCard card) {
    if (screen.isJson()) {
      screen.result(card);
      return;
    }
    screen.result(card.output() + ": card " + (card.updated() ? "updated" : "written"));
  }
}
