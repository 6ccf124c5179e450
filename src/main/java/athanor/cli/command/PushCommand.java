package athanor.cli.command;

import athanor.cli.help.Examples;
import athanor.cli.option.OutputOptions;
import athanor.cli.option.PublishOptions;
import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Sizes;
import athanor.error.Problem;
import athanor.format.StateDicts;
import athanor.hub.upload.RepoId;
import athanor.hub.upload.UploadItem;
import athanor.job.publish.PublishJob;
import athanor.job.publish.PublishSettings;
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
      "An upload that was interrupted goes on where it stopped when the command is given again.",
      "The token comes from HF_TOKEN or from: athanor auth login hf"
    })
@Examples({
  "athanor push mine.safetensors alice/mine",
  "athanor push mine.safetensors alice/mine --public --card README.md",
  "athanor push mine.safetensors alice/mine --dry-run"
})
public final class PushCommand implements Callable<Integer> {
  @Parameters(
      arity = "2..*",
      paramLabel = "FILE... USER/REPO",
      hideParamSyntax = true,
      description = "The files, then the repository: a user or an organisation, and a name.")
  private List<String> arguments = new ArrayList<>();

  @Option(
      names = "--path-in-repo",
      paramLabel = "NAME",
      description = "The file's name in the repository, or a folder that ends with a slash.")
  private @Nullable String pathInRepo;

  @Option(
      names = {"--dry-run", "--dry_run"},
      description = "Check and say what would be done; send nothing.")
  private boolean dryRun;

  @Mixin private PublishOptions publishing = new PublishOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  private final CommandContext context;

  PushCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    PublishSettings wanted = publishing.settings(RepoId.parse(arguments.getLast()));
    List<Path> files = arguments.subList(0, arguments.size() - 1).stream().map(Path::of).toList();
    refuseOneNameForSeveral(files);
    files.forEach(file -> StateDicts.open(file, screen::warn).close());
    List<UploadItem.LocalFile> items = files.stream().map(this::item).toList();
    files.forEach(file -> screen.note(file.getFileName() + ": " + Sizes.bytes(size(file))));
    var job = new PublishJob(wanted, items, words(), context.settings(1));
    if (dryRun) {
      return context.rehearse(job, screen);
    }
    context.run(job, screen);
    return 0;
  }

  private void refuseOneNameForSeveral(List<Path> files) {
    if (pathInRepo != null && !pathInRepo.endsWith("/") && files.size() > 1) {
      throw Problem.usage("--path-in-repo names one file, and there are several")
          .found(files.size() + " files")
          .help("end it with a slash to name a folder")
          .toException();
    }
  }

  private UploadItem.LocalFile item(Path file) {
    String name = String.valueOf(file.getFileName());
    String path = pathInRepo == null ? name : pathInRepo;
    return new UploadItem.LocalFile(
        file, path.endsWith("/") ? path + name : path, Optional.empty());
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw Problem.badFile("cannot be read").at(file.toString()).toException(e);
    }
  }

  private List<String> words() {
    return pathInRepo == null ? List.of() : List.of("--path-in-repo", pathInRepo);
  }
}
