package athanor.testkit.web.upload;

import static athanor.testkit.web.Answer.object;

import athanor.net.Json;
import athanor.testkit.web.Seen;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The requests to the hub and to its storage as a file: one JSON object a line, in their order. */
public final class RequestLog {
  private RequestLog() {}

  private record Line(Seen seen, String origin) {}

  /** Writes both logs in the order in which the requests came. */
  public static void write(Path file, List<Seen> hub, List<Seen> storage) throws IOException {
    List<Line> lines =
        Stream.concat(
                hub.stream().map(seen -> new Line(seen, "hub")),
                storage.stream().map(seen -> new Line(seen, "storage")))
            .sorted(Comparator.comparing(line -> line.seen().number()))
            .toList();
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (Line line : lines) {
        out.write(new String(json(line).toBytes(), StandardCharsets.UTF_8));
        out.newLine();
      }
    }
  }

  private static Json json(Line line) {
    Seen seen = line.seen();
    Map<String, Json> headers = new LinkedHashMap<>();
    seen.headers().forEach((name, values) -> headers.put(name, Json.of(values.getFirst())));
    return object(
        "origin",
        line.origin(),
        "method",
        seen.method(),
        "target",
        seen.target(),
        "headers",
        Json.of(headers),
        "received",
        seen.received(),
        "status",
        seen.status(),
        "body",
        body(seen));
  }

  private static Json body(Seen seen) {
    boolean lines = seen.header("Content-type").orElse("").equals("application/x-ndjson");
    return lines ? new Json.Items(seen.jsonLines()) : seen.json();
  }
}
