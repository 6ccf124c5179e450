package athanor.cli.command;

import athanor.cli.help.Examples;
import athanor.cli.option.OutputOptions;
import athanor.cli.report.LinkReport;
import athanor.cli.terminal.ProgressDisplay;
import athanor.cli.terminal.Screen;
import athanor.hub.Fetched;
import athanor.hub.Hub;
import athanor.hub.Link;
import athanor.hub.RemoteFile;
import athanor.hub.ShardedModel;
import athanor.job.input.AdapterConfiguration;
import athanor.job.session.Leftover;
import athanor.progress.Progress;
import athanor.report.FetchedFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code athanor get}: downloads what links mean, verified, replacing nothing. */
@Command(
    name = "get",
    mixinStandardHelpOptions = true,
    description = "Downloads checkpoints and LoRAs, compares their hash, replaces no file.",
    footer =
        "A download that was interrupted goes on where it stopped when the command is given again.")
@Examples({
  "athanor get https://civitai.com/models/4384 --to models",
  "athanor get hf:user/repo/style.safetensors hf:user/other@v2"
})
public final class GetCommand implements Callable<Integer> {
  @Parameters(
      arity = "1..*",
      paramLabel = "LINK",
      description = {
        "A model page or download link of Civitai, an AIR name, a file or repository of Hugging"
            + " Face (address, or hf:USER/REPO[/FILE][@REVISION]), or the address of a file."
      })
  private List<String> links = new ArrayList<>();

  @Option(
      names = "--to",
      paramLabel = "FOLDER",
      description = "Where the files go; default: the current folder.")
  private Path folder = Path.of("");

  @Mixin private OutputOptions output = new OutputOptions();

  private final CommandContext context;

  GetCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    context.signals().leaves(Leftover.PARTIAL_FILE);
    try (Hub hub = context.hub(screen);
        var progress = ProgressDisplay.on(screen)) {
      List<RemoteFile> files =
          links.stream().map(hub::parse).toList().stream().map(link -> resolve(hub, link)).toList();
      for (RemoteFile file : files) {
        Fetched fetched = get(hub, file, progress, screen);
        AdapterConfiguration.of(hub, file, fetched.path(), context.cancellation())
            .ifPresent(configuration -> get(hub, configuration, progress, screen));
        if (ShardedModel.isIndex(file)) {
          Map<String, Link> shards = ShardedModel.shards(file, fetched.path());
          shards.forEach((name, link) -> {
            Fetched shard = get(hub, resolve(hub, link), progress, screen);
            warnIfRenamed(shard, name, screen);
          });
        }
      }
    }
    return 0;
  }

  private RemoteFile resolve(Hub hub, Link link) {
    return hub.resolve(link, context.cancellation());
  }

  private Fetched get(Hub hub, RemoteFile file, Progress progress, Screen screen) {
    Fetched fetched = hub.download(file, folder, progress, context.cancellation());
    print(screen, FetchedFile.of(file, fetched));
    return fetched;
  }

  private static void warnIfRenamed(Fetched shard, String name, Screen screen) {
    if (!shard.path().endsWith(name)) {
      screen.warn(
          shard.path()
              + ": the index calls this file "
              + name
              + ", but another one has that name here; move them to a folder of their own");
    }
  }

  private static void print(Screen screen, FetchedFile file) {
    if (screen.isJson()) {
      screen.result(file);
      return;
    }
    screen.note(LinkReport.arrival(file));
    screen.result(file.file());
  }
}
