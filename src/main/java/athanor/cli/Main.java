package athanor.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The program as people call it: {@code athanor COMMAND …}. */
@Command(
    name = "athanor",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "Merges LoRAs into Stable Diffusion checkpoints.")
public final class Main implements Runnable {
  /** Runs the command line and ends the process with its exit code (2 for a usage error). */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"athanor " + text()};
    }

    private static String text() {
      try (InputStream in =
          Objects.requireNonNull(Main.class.getResourceAsStream("/athanor/version.txt"))) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
