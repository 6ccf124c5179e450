package athanor.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A Java process of its own with the classes of this one. */
public final class JavaProcess {
  private static final int LIMIT_SECONDS = 120;

  private JavaProcess() {}

  /** The command line that runs a class. */
  public static List<String> command(Class<?> main, String... arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--add-modules=jdk.incubator.vector");
    command.add("-Xshare:auto");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  /** Starts a command; what it prints to either stream can be read from the process. */
  public static Process start(List<String> command) throws IOException {
    return new ProcessBuilder(hearing(command)).redirectErrorStream(true).start();
  }

  /**
   * The same command, run so that it hears Ctrl-C and a lost terminal. A process inherits the
   * signals that its parent ignores, as builds do under nohup or in the background, and Java leaves
   * an ignored signal alone.
   */
  public static List<String> hearing(List<String> command) throws IOException {
    if (!isAnyIgnored()) {
      return command;
    }
    var all = new ArrayList<>(List.of("env", "--default-signal=INT", "--default-signal=HUP"));
    all.addAll(command);
    return all;
  }

  /** Whether this process ignores HUP or INT, signals 1 and 2, as far as the system tells. */
  private static boolean isAnyIgnored() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return false;
    }
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("SigIgn:"))
          .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 3) != 0);
    }
  }

  /** What a process printed, and its exit code, once it has ended. */
  public static CommandLineRun end(Process process) throws IOException, InterruptedException {
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("still running after " + LIMIT_SECONDS + " s: " + text);
    }
    return new CommandLineRun(process.exitValue(), text, "");
  }
}
