package athanor.hub;

import athanor.net.HttpSettings;
import athanor.net.Origin;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Fetches or looks at links with the environment of the process, for scripts: {@code fetch LINK…},
 * {@code download FOLDER LINK…}, {@code look LINK…}. Prints one line a link and a line with the
 * time.
 */
public final class FetchMain {
  private FetchMain() {}

  /** Runs one command. */
  public static void main(String[] args) {
    long start = System.nanoTime();
    Path home = Path.of(System.getProperty("user.home"));
    HubSettings settings = HubSettings.from(System.getenv(), home, System.err::println);
    requireLoopback(settings);
    try (Hub hub = Hub.open(settings.with(withConnections(settings.http())))) {
      List<String> rest = List.of(args).subList(1, args.length);
      switch (args[0]) {
        case "fetch" -> rest.forEach(link -> show(hub.fetch(file(hub, link), Progress.NONE, go())));
        case "download" -> {
          Path folder = Path.of(rest.getFirst());
          rest.stream()
              .skip(1)
              .forEach(link -> show(hub.download(file(hub, link), folder, Progress.NONE, go())));
        }
        default -> look(hub, rest);
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.println(String.format(Locale.ROOT, "SECONDS=%.3f", seconds));
    System.out.println("PEAK_KB=" + peakKilobytes());
    System.exit(0);
  }

  /** A script that lost the addresses of its fakes must not end up at the real services. */
  static void requireLoopback(HubSettings settings) {
    boolean fake =
        Origin.of(settings.huggingFace()).isLoopback()
            && Origin.of(settings.civitai()).isLoopback();
    if (!fake) {
      throw new IllegalStateException("HF_ENDPOINT and CIVITAI_ENDPOINT must be on loopback");
    }
  }

  private static HttpSettings withConnections(HttpSettings http) {
    HttpSettings.Transfers usual = http.transfers();
    int connections = Integer.getInteger("connections", usual.connections());
    return http.with(
        new HttpSettings.Transfers(
            connections, usual.parallelFrom(), usual.segment(), usual.checkpoint()));
  }

  static String peakKilobytes() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM"))
          .map(line -> line.replaceAll("\\D", ""))
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static Cancellation go() {
    return new Cancellation();
  }

  private static RemoteFile file(Hub hub, String link) {
    return hub.resolve(hub.parse(link), go());
  }

  private static void show(Fetched fetched) {
    System.out.println(
        fetched.how()
            + " "
            + fetched.sha256()
            + " "
            + fetched.transferred()
            + " "
            + fetched.path());
  }

  private static void look(Hub hub, List<String> links) {
    Stream<Thread> readers =
        links.stream().map(link -> Thread.ofVirtual().start(() -> readHeader(hub, link)));
    for (Thread reader : readers.toList()) {
      try {
        reader.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static void readHeader(Hub hub, String link) {
    try (var source = ((Preview.Opened) hub.preview(file(hub, link), go())).bytes()) {
      byte[] start = source.read(0, 8);
      int length = (start[0] & 0xff) | (start[1] & 0xff) << 8;
      source.read(8, length);
      System.out.println("HEADER " + length + " bytes, moved " + source.transferred());
    }
  }
}
