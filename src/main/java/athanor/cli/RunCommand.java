package athanor.cli;

import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.job.RecipeFolder;
import athanor.job.input.InputFolders;
import athanor.recipe.MergeRequest;
import athanor.recipe.yaml.RecipeFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code athanor run}: a merge from a recipe. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Runs a recipe: a merge written down in a YAML file.",
      "The format is described in docs/recipes.md. The exact files that a recipe led to are noted"
          + " beside it, in NAME.lock.yaml, and later runs take the same ones.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  athanor run mix.yaml",
      "  athanor run mix.yaml --inputs ~/models --out mine.safetensors",
      "  athanor merge --base sd15.safetensors pixel.safetensors@0.6 --out mine.safetensors \\",
      "                --recipe-out mix.yaml"
    })
final class RunCommand implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "RECIPE", description = "The recipe, a YAML file.")
  private @Nullable Path recipe;

  @Option(
      names = "--inputs",
      paramLabel = "FOLDER",
      description = "Where its files are; else beside the recipe. Can be given several times.")
  private List<Path> inputs = new ArrayList<>();

  @Option(
      names = {"--dry-run", "--dry_run"},
      description = "Check everything and say what would be done; write nothing.")
  private boolean dryRun;

  @Option(
      names = "--locked",
      description = "Fail unless the lock file knows every input; leave it as it is.")
  private boolean locked;

  @Option(names = "--no-lock", description = "Neither read nor write the lock file.")
  private boolean noLock;

  @Option(
      names = {"--no-push", "--no_push"},
      description = "Do not publish the result, even if the recipe says where.")
  private boolean noPush;

  @Mixin private ResultOptions result = new ResultOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  private final CommandContext context;

  RunCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    Path file = file();
    RecipeFile asked = RecipeFolder.read(file);
    OutputTarget target = target(asked, file);
    result.noteDevice(screen);
    RecipeLock lock = noLock ? RecipeLock.none() : RecipeLock.beside(file, locked);
    MergeRequest request = folders(file).find(lock.applyTo(asked.request()));
    var merging = new MergeSession(context, screen, result.threads());
    Optional<PublishSession> publishing = publishing(asked, screen);
    if (dryRun) {
      publishing.ifPresent(session -> session.clear(target));
      return merging.rehearse(request, target);
    }
    PublishSession.Making work =
        noLock
            ? made -> merging.run(request, made).sha256()
            : made -> runLocked(merging, asked.request(), request, made, lock, screen);
    publishing.ifPresentOrElse(session -> session.around(target, work), () -> work.make(target));
    return 0;
  }

  private Optional<String> runLocked(
      MergeSession merging,
      MergeRequest asked,
      MergeRequest request,
      OutputTarget target,
      RecipeLock lock,
      Screen screen) {
    try (var progress = ProgressDisplay.on(screen)) {
      var examined =
          target.examined(
              made -> lock.requireTensors(asked, made, progress, context.cancellation()));
      MergeSession.Made made = merging.runHashed(request, examined);
      lock.write(asked, made.inputs(), screen);
      return made.sha256();
    }
  }

  private Optional<PublishSession> publishing(RecipeFile asked, Screen screen) {
    return asked
        .push()
        .filter(push -> !noPush)
        .map(push -> new PublishSession(context, screen, PublishWish.of(push)));
  }

  private Path file() {
    if (recipe == null) {
      throw Problem.usage("no recipe was given")
          .help("athanor run mix.yaml; athanor merge … --recipe-out mix.yaml writes one")
          .toException();
    }
    if (locked && noLock) {
      throw Problem.usage("--locked and --no-lock contradict each other")
          .help("leave out one of them")
          .toException();
    }
    return recipe;
  }

  private InputFolders folders(Path file) {
    List<Path> folders = new ArrayList<>(inputs);
    folders.add(InputFolders.of(file));
    return new InputFolders(folders);
  }

  /** The place that the command line names, else that of the recipe, beside it. */
  private OutputTarget target(RecipeFile asked, Path file) {
    return result
        .out()
        .or(() -> asked.out().map(file::resolveSibling))
        .map(result::target)
        .orElseThrow(() ->
            Problem.usage("neither the recipe nor the command says where the result goes")
                .help("add --out mine.safetensors, or the line out: mine.safetensors")
                .toException());
  }
}
