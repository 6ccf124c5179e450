package athanor.cli.command;

import athanor.cli.help.Examples;
import athanor.cli.option.OutputOptions;
import athanor.cli.terminal.Browser;
import athanor.cli.terminal.Screen;
import athanor.error.Problem;
import athanor.job.session.Leftover;
import athanor.report.OpenedPage;
import athanor.web.Page;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code athanor ui}: the whole of a merge on a page in the browser. */
@Command(
    name = "ui",
    mixinStandardHelpOptions = true,
    description = {
      "Opens a page in the browser on which to paste, check, mix, bake and share.",
      "The page is served to this computer alone, at an address that holds a password; it ends with"
          + " Ctrl-C. Closing the page in the browser changes nothing: open the address again."
    })
@Examples({"athanor ui", "athanor ui --no-browser --port 8765 --dir ~/models"})
public final class UiCommand implements Callable<Integer> {
  private static final int MOST_PORT = 65535;
  private static final long LOOK_AGAIN_MILLIS = 200;

  @Mixin private OutputOptions output = new OutputOptions();

  @Option(
      names = {"--no-browser", "--no_browser"},
      description = "Only print the address.")
  private boolean noBrowser;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Where to serve it; default: any port that is free.")
  private int port;

  @Option(
      names = "--dir",
      paramLabel = "FOLDER",
      description = "Where results go until you choose another; default: this folder.")
  private Path folder = Path.of("");

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Workers; default: one per processor.")
  private int threads = Runtime.getRuntime().availableProcessors();

  private final CommandContext context;

  UiCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    Screen screen = output.screen(context.out(), context.err());
    refuseWhatCannotBe();
    try (Page page = Page.open(context.settings(threads), folder, port, screen::debug)) {
      context.signals().leaves(Leftover.FINISHED_FILES);
      if (screen.isJson()) {
        screen.result(new OpenedPage(page.address()));
      } else {
        screen.result(page.address());
        context.out().flush();
      }
      screen.note("open this address in a browser; Ctrl-C ends it");
      try (Browser browser = new Browser()) {
        if (!noBrowser && !screen.isJson()) {
          browser.open(page.address(), context.user().environment());
        }
        boolean ended = false;
        while (!ended && !context.cancellation().isRequested()) {
          ended = page.awaitEnd(LOOK_AGAIN_MILLIS);
        }
      }
    }
    context.cancellation().check();
    return 0;
  }

  private void refuseWhatCannotBe() {
    if (port < 0 || port > MOST_PORT) {
      throw Problem.usage("--port is a number from 1 to " + MOST_PORT).found(port).toException();
    }
    if (threads < 1) {
      throw Problem.usage("--threads must be at least 1").found(threads).toException();
    }
    if (!Files.isDirectory(folder.toAbsolutePath())) {
      throw Problem.usage("there is no such folder").at(folder.toString()).toException();
    }
  }
}
