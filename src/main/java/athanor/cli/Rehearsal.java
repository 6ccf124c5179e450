package athanor.cli;

import athanor.cli.terminal.UserSession;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * Runs every common command once on the files of the demo, so that Java can note what a run needs
 * and how it behaves: the ahead-of-time cache of the launcher is made from that. Prints nothing.
 */
final class Rehearsal {
  /** The system property that asks for a rehearsal and names an empty folder for its files. */
  static final String FOLDER = "athanor.rehearsal";

  private static final int ROUNDS = 3;

  private Rehearsal() {}

  /** Runs the commands; returns the worst of their exit codes. */
  static int run(Path folder) {
    var silent = new PrintStream(OutputStream.nullOutputStream());
    String base = folder.resolve("demo-base.safetensors").toString();
    String pixel = folder.resolve("demo-pixel.safetensors").toString();
    String ink = folder.resolve("demo-ink.safetensors").toString();
    String out = folder.resolve("out.safetensors").toString();
    int code = new Main(silent, silent).run("demo", "--dir", folder.toString());
    for (int round = 0; round < ROUNDS; round++) {
      code = Math.max(code, new Main(silent, silent).run("check", "--base", base, pixel, ink));
      code = Math.max(code, new Main(silent, silent).run("inspect", base, pixel, ink));
    }
    code = Math.max(code, new Main(silent, silent).run("inspect", "--json", base, pixel));
    code = Math.max(code, links(folder, silent));
    String[] merge = {"merge", "--base", base, pixel + "@0.5", ink, "--out", out, "--overwrite"};
    code = Math.max(code, new Main(silent, silent).run(merge));
    return Math.max(code, new Main(silent, silent).run(with("--json", merge)));
  }

  private static String[] with(String option, String... arguments) {
    String[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = option;
    return all;
  }

  /** Looks at files by link and downloads one, from a server of its own and with no settings. */
  private static int links(Path folder, PrintStream silent) {
    var user =
        new UserSession(
            Map.of("ATHANOR_CACHE", folder.resolve("cache").toString()),
            folder,
            InputStream.nullInputStream(),
            false);
    String downloads = folder.resolve("downloads").toString();
    try (var server = new RehearsalServer(folder)) {
      String base = server.link("demo-base.safetensors");
      String pixel = server.link("demo-pixel.safetensors");
      int code = new Main(silent, silent, user).run("check", "--base", base, pixel);
      String[] get = {"get", base, "--to", downloads};
      return Math.max(code, new Main(silent, silent, user).run(get));
    }
  }
}
