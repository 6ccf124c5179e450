package athanor.cli.command;

import athanor.cli.help.Examples;
import athanor.cli.option.OutputOptions;
import athanor.cli.terminal.Screen;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.job.RecipeFolder;
import athanor.job.RecipeOfFile;
import athanor.report.PrintedRecipe;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code athanor recipe-of}: how a file was made, as a recipe. */
@Command(
    name = "recipe-of",
    mixinStandardHelpOptions = true,
    description = {
      "Writes how a model was made as a recipe for athanor run.",
      "It reads what Athanor, A1111's merger and SuperMerger leave in files, and .mecha recipes of"
          + " sd-mecha that are weighted sums.",
      ""
    })
@Examples({"athanor recipe-of mine.safetensors", "athanor recipe-of mix.mecha --out mix.yaml"})
public final class RecipeOfCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description = "A merged model, or a .mecha file.")
  private @Nullable Path file;

  @Option(
      names = {"--out", "-o"},
      paramLabel = "FILE",
      description = "Where the recipe goes; default: standard output.")
  private @Nullable Path out;

  @Option(names = "--overwrite", description = "Replace an existing recipe.")
  private boolean overwrite;

  @Mixin private OutputOptions output = new OutputOptions();

  private final CommandContext context;

  RecipeOfCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    if (file == null) {
      throw Problem.usage("no file was given")
          .help("athanor recipe-of mine.safetensors")
          .toException();
    }
    Optional<OutputTarget> target =
        Optional.ofNullable(out).map(place -> RecipeFolder.target(place, overwrite));
    String yaml = RecipeOfFile.of(file).toYaml();
    if (target.isPresent()) {
      RecipeFolder.write(target.get(), yaml);
      screen.note("recipe: " + target.get().path());
    } else if (screen.isJson()) {
      screen.result(new PrintedRecipe(yaml));
    } else {
      yaml.lines().forEach(screen::result);
    }
    return 0;
  }
}
