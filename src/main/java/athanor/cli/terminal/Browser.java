package athanor.cli.terminal;

import athanor.file.OwnerOnly;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Opens an address in the user's browser. Everybody can read the arguments of a process, so the
 * browser is given a file that only its owner can read, which leads on to the address; the file is
 * removed when this is closed.
 */
public final class Browser implements AutoCloseable {
  private final List<Path> files = new ArrayList<>();

  /** Opens it where there is a screen to open it on; that it cannot be opened is no failure. */
  public void open(String address, Map<String, String> environment) {
    List<String> opener = opener(environment);
    if (opener.isEmpty()) {
      return;
    }
    try {
      Path file = Files.createTempFile("athanor-", ".html", OwnerOnly.file());
      files.add(file);
      file.toFile().deleteOnExit();
      Files.writeString(
          file,
          "<!doctype html><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\">"
              + "<meta http-equiv=\"refresh\" content=\"0;url="
              + address
              + "\"><title>Athanor</title>");
      List<String> command = new ArrayList<>(opener);
      command.add(file.toString());
      new ProcessBuilder(command)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      // The address is printed: somebody can open it.
    }
  }

  private static List<String> opener(Map<String, String> environment) {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    if (system.contains("mac")) {
      return List.of("open");
    }
    if (system.contains("windows")) {
      return List.of("rundll32", "url.dll,FileProtocolHandler");
    }
    boolean hasScreen =
        environment.containsKey("DISPLAY") || environment.containsKey("WAYLAND_DISPLAY");
    return hasScreen ? List.of("xdg-open") : List.of();
  }

  @Override
  public void close() {
    for (Path file : files) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        // It is removed at the end of the process.
      }
    }
  }
}
