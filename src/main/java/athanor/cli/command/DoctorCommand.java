package athanor.cli.command;

import athanor.cli.option.OutputOptions;
import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Sizes;
import athanor.cli.terminal.TextTable;
import athanor.hub.Hub;
import athanor.job.SystemCheck;
import athanor.report.SystemReport;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code athanor doctor}: what this computer is like, to be pasted into a question. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description =
        "Says what this computer is like, to paste into a question: versions, memory, disk and its"
            + " speed, proxy, where tokens come from. Never shows a token.",
    footer = "Writes 64 MiB into a temporary file of the current folder, to see how fast that is.")
public final class DoctorCommand implements Callable<Integer> {
  @Mixin private OutputOptions output = new OutputOptions();

  private final CommandContext context;

  DoctorCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Screen screen = output.screen(context.out(), context.err());
    try (Hub hub = context.hub(screen)) {
      Path folder = Path.of("").toAbsolutePath();
      print(
          screen,
          SystemReport.of(
              SystemCheck.of(folder, context.user().hub(screen::note), hub.credentials())));
    }
    return 0;
  }

  private static void print(Screen screen, SystemReport report) {
    if (screen.isJson()) {
      screen.result(report);
      return;
    }
    var table = new TextTable("athanor", report.program());
    table.add("Java", report.java());
    table.add("", report.javaHome());
    table.add("system", report.system());
    table.add("processors", report.processors() + ", " + report.kernels() + " kernels");
    table.add("heap", Sizes.bytes(report.heapBytes()));
    table.add("folder", report.folder());
    table.add("", known(report.freeBytes(), " free"));
    table.add("", known(report.writeBytesPerSecond(), "/s written durably"));
    table.add("cache", report.cache());
    table.add("proxy", listed(report.proxies()));
    table.add("offline", listed(report.offline()));
    report.tokens().forEach(token -> table.add("token", token));
    table.lines().forEach(screen::result);
  }

  private static String known(OptionalLong bytes, String what) {
    return bytes.isPresent() ? Sizes.bytes(bytes.getAsLong()) + what : "cannot be written to";
  }

  private static String listed(List<String> variables) {
    return variables.isEmpty() ? "no" : "set by " + String.join(", ", variables);
  }
}
