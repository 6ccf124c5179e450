package athanor.cli.command;

import athanor.cli.help.Examples;
import athanor.cli.option.FileLinkOptions;
import athanor.cli.option.OutputOptions;
import athanor.cli.option.ResultOptions;
import athanor.cli.terminal.Screen;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.job.RecipeFolder;
import athanor.job.input.InputFolders;
import athanor.job.publish.PublishJob;
import athanor.job.publish.PublishSettings;
import athanor.job.publish.PublishedMerge;
import athanor.job.session.Job;
import athanor.job.session.JobSettings;
import athanor.job.session.LockedMerge;
import athanor.job.session.MergeJob;
import athanor.job.session.MergeResult;
import athanor.job.session.RecipeLock;
import athanor.recipe.MergeRequest;
import athanor.recipe.PushRequest;
import athanor.recipe.yaml.RecipeFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
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
    })
@Examples({
  "athanor run mix.yaml",
  "athanor run mix.yaml --inputs ~/models --out mine.safetensors",
  "athanor merge --base sd15.safetensors pixel.safetensors@0.6 --out mine.safetensors \\",
  "              --recipe-out mix.yaml"
})
public final class RunCommand implements Callable<Integer> {
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

  @Option(names = "--push", description = "Publish the result where the recipe says.")
  private boolean push;

  @Option(
      names = {"--no-push", "--no_push"},
      description = "Do not publish the result, even if the recipe says where.")
  private boolean noPush;

  @Mixin private FileLinkOptions links = new FileLinkOptions();
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
    Path place = place(asked, file);
    result.noteDevice(screen);
    JobSettings settings = context.settings(result.threads()).withLinksOf(links.origin());
    Optional<RecipeLock> lock =
        noLock ? Optional.empty() : Optional.of(RecipeLock.beside(file, locked));
    MergeRequest request =
        folders(file)
            .find(lock.map(known -> known.applyTo(asked.request())).orElse(asked.request()));
    boolean isDone =
        !dryRun
            && !result.overwrite()
            && Files.isRegularFile(place)
            && context.isDone(request, place, settings, screen);
    Optional<PublishSettings> wanted =
        asked.push().filter(where -> mayPush(where, screen)).map(PublishSettings::of);
    if (isDone) {
      String already = place + ": made by this very merge already";
      screen.note(wanted.isEmpty() ? already : already + "; going on with the upload");
      wanted.ifPresent(where -> context.run(PublishJob.ofMerged(place, where, settings), screen));
      return 0;
    }
    OutputTarget target = result.target(place);
    Function<OutputTarget, Job<MergeResult>> merge =
        made ->
            lock.isEmpty()
                ? new MergeJob(request, made, settings)
                : new LockedMerge(asked.request(), request, lock.get(), made, settings);
    Job<MergeResult> job =
        wanted.isPresent()
            ? new PublishedMerge(wanted.get(), target, merge, settings)
            : merge.apply(target);
    if (dryRun) {
      return context.rehearse(job, screen);
    }
    context.run(job, screen);
    return 0;
  }

  /** Whether the user, not only the recipe, wants the result published. */
  private boolean mayPush(PushRequest place, Screen screen) {
    if (noPush || push || dryRun) {
      return !noPush;
    }
    String where =
        place.repo()
            + switch (place.visibility()) {
              case PRIVATE -> " (private)";
              case PUBLIC -> " (public)";
              case AS_IS -> "";
            };
    if (context.user().isInteractive() && !screen.isJson()) {
      return context
          .user()
          .confirms("the recipe publishes its result to " + where + ". Publish it?", context.err());
    }
    throw Problem.usage("the recipe would publish its result with your token")
        .found("push: " + where)
        .help("say what you want: --push publishes it, --no-push leaves it here")
        .toException();
  }

  private Path file() {
    if (recipe == null) {
      throw Problem.usage("no recipe was given")
          .help("athanor run mix.yaml; athanor merge … --recipe-out mix.yaml writes one")
          .toException();
    }
    if (push && noPush) {
      throw Problem.usage("--push and --no-push contradict each other")
          .help("leave out one of them")
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
  private Path place(RecipeFile asked, Path file) {
    return result
        .out()
        .or(() -> asked.out().map(file::resolveSibling))
        .orElseThrow(() ->
            Problem.usage("neither the recipe nor the command says where the result goes")
                .help("add --out mine.safetensors, or the line out: mine.safetensors")
                .toException());
  }
}
