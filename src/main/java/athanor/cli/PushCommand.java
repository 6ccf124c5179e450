package athanor.cli;

import athanor.error.Problem;
import athanor.format.StateDicts;
import athanor.hub.Hub;
import athanor.hub.upload.Clearance;
import athanor.hub.upload.RepoId;
import athanor.hub.upload.UploadItem;
import athanor.hub.upload.UploadRequest;
import athanor.hub.upload.Visibility;
import athanor.job.Publishing;
import java.io.IOException;
import java.nio.file.Files;
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

/** {@code athanor push}: publishes model files on the Hugging Face Hub. */
@Command(
    name = "push",
    mixinStandardHelpOptions = true,
    description = {
      "Publishes checkpoints and LoRAs on the Hugging Face Hub: checks the token's rights first,"
          + " creates the repository (private, unless asked otherwise), sends what is not there yet,"
          + " makes one commit, and looks at what arrived.",
      ""
    },
    footer = {
      "",
      "An upload that was interrupted goes on where it stopped when the command is given again.",
      "The token comes from HF_TOKEN or from: athanor auth login hf",
      "",
      "Examples:",
      "  athanor push mine.safetensors alice/mine",
      "  athanor push mine.safetensors alice/mine --public --card README.md",
      "  athanor push mine.safetensors alice/mine --dry-run"
    })
final class PushCommand implements Callable<Integer> {
  private static final String CARD = "README.md";

  @Parameters(
      arity = "2..*",
      paramLabel = "FILE... USER/REPO",
      hideParamSyntax = true,
      description = "The files, then the repository: a user or an organisation, and a name.")
  private List<String> arguments = new ArrayList<>();

  @Option(
      names = "--private",
      description =
          "Only you may see it: the default for a new repository; a public one is refused.")
  private boolean isPrivate;

  @Option(names = "--public", description = "Everybody may see it.")
  private boolean isPublic;

  @Option(names = "--create-pr", description = "Propose the change in a pull request.")
  private boolean createPr;

  @Option(
      names = "--revision",
      paramLabel = "BRANCH",
      description = "The branch; created if there is none. Default: main.")
  private String revision = UploadRequest.MAIN;

  @Option(
      names = "--path-in-repo",
      paramLabel = "NAME",
      description = "The file's name in the repository, or a folder that ends with a slash.")
  private @Nullable String pathInRepo;

  @Option(names = "--message", paramLabel = "TEXT", description = "The message of the commit.")
  private @Nullable String message;

  @Option(
      names = "--card",
      paramLabel = "FILE",
      description = "The model card; it replaces the one that is there.")
  private @Nullable Path card;

  @Option(names = "--no-card", description = "Publish no model card.")
  private boolean noCard;

  @Option(
      names = {"--dry-run", "--dry_run"},
      description = "Check and say what would be done; send nothing.")
  private boolean dryRun;

  @Mixin private OutputOptions output = new OutputOptions();

  private final CommandContext context;

  PushCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    RepoId repo = RepoId.parse(arguments.getLast());
    List<Path> files = arguments.subList(0, arguments.size() - 1).stream().map(Path::of).toList();
    refuseContradictions(files);
    files.forEach(file -> StateDicts.open(file, screen::warn).close());
    List<UploadItem.Text> texts = texts();
    List<UploadItem> items = new ArrayList<>();
    files.forEach(file -> items.add(item(file)));
    items.addAll(texts);
    var report = new PushReport(screen);
    try (Hub hub = context.hub(screen);
        var progress = ProgressDisplay.on(screen)) {
      var publishing = new Publishing(hub.uploads(), progress, context.cancellation());
      Clearance clearance = publishing.clear(request(repo, files, texts));
      report.plan(clearance, files);
      if (dryRun) {
        report.forecast(publishing.plan(clearance, items));
      } else {
        Signals.outcome("what was sent is kept: give the command again to go on");
        report.done(publishing.push(clearance, items, options()));
      }
    }
    return 0;
  }

  private void refuseContradictions(List<Path> files) {
    if (isPrivate && isPublic) {
      throw Problem.usage("--private and --public contradict each other").toException();
    }
    if (card != null && noCard) {
      throw Problem.usage("--card and --no-card contradict each other").toException();
    }
    if (pathInRepo != null && !pathInRepo.endsWith("/") && files.size() > 1) {
      throw Problem.usage("--path-in-repo names one file, and there are several")
          .found(files.size() + " files")
          .help("end it with a slash to name a folder")
          .toException();
    }
  }

  /** What goes along with the files: the card. */
  private List<UploadItem.Text> texts() {
    if (card == null) {
      return List.of();
    }
    try {
      return List.of(new UploadItem.Text(CARD, Files.readString(card), false));
    } catch (IOException e) {
      throw Problem.badFile("the model card cannot be read as a text in UTF-8")
          .at(card.toString())
          .toException(e);
    }
  }

  private UploadItem item(Path file) {
    String name = String.valueOf(file.getFileName());
    String path = pathInRepo == null ? name : pathInRepo;
    return new UploadItem.LocalFile(
        file, path.endsWith("/") ? path + name : path, Optional.empty());
  }

  private UploadRequest request(RepoId repo, List<Path> files, List<UploadItem.Text> texts) {
    Visibility visibility =
        isPrivate ? Visibility.PRIVATE : isPublic ? Visibility.PUBLIC : Visibility.AS_IS;
    String names = String.join(", ", files.stream().map(this::item).map(UploadItem::path).toList());
    return new UploadRequest(
        repo,
        visibility,
        createPr,
        revision,
        message == null ? "Upload " + names : message,
        texts.stream().map(UploadItem.Text::text).findFirst());
  }

  /** Words that a repeated command needs besides those of the request. */
  private List<String> options() {
    List<String> words = new ArrayList<>();
    add(words, "--path-in-repo", pathInRepo);
    add(words, "--message", message);
    add(words, "--card", card == null ? null : card.toString());
    if (noCard) {
      words.add("--no-card");
    }
    return words;
  }

  private static void add(List<String> words, String option, @Nullable String value) {
    if (value != null) {
      words.add(option);
      words.add(value);
    }
  }
}
