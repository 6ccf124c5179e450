package athanor.cli.terminal;

import athanor.hub.HubSettings;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * What a command may take from the user's session.
 *
 * @param environment variables by name
 * @param home the user's home folder
 * @param in standard input
 * @param isInteractive whether a person can type a secret, unseen, at a terminal
 */
public record UserSession(
    Map<String, String> environment, Path home, InputStream in, boolean isInteractive) {

  /** Those of this process. */
  @SuppressWarnings("SystemConsoleNull") // It is null again since Java 25, without a terminal.
  public static UserSession ofProcess() {
    Console console = System.console();
    return new UserSession(
        System.getenv(),
        Path.of(System.getProperty("user.home", ".")),
        System.in,
        console != null && console.isTerminal());
  }

  /** Where the hubs are, and the caches; {@code notices} receives sentences from any thread. */
  public HubSettings hub(Consumer<String> notices) {
    return HubSettings.from(environment, home, notices);
  }

  /** Whether a person answers yes to a question; anything else, and the end of input, is no. */
  public boolean confirms(String question, PrintStream err) {
    err.print(question + " [y/N] ");
    err.flush();
    String answer = firstLine().strip().toLowerCase(Locale.ROOT);
    return answer.equals("y") || answer.equals("yes");
  }

  /** A secret: typed at the terminal without echo, else the first line of standard input. */
  public String secret(String prompt, PrintStream err) {
    if (isInteractive) {
      err.print(prompt);
      err.flush();
      char[] typed = Objects.requireNonNull(System.console()).readPassword();
      return typed == null ? "" : new String(typed);
    }
    return firstLine();
  }

  private String firstLine() {
    try {
      var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      String line = lines.readLine();
      return line == null ? "" : line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
