package athanor.testkit.web;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A Civitai for reading: models and versions by number, downloads by redirect to storage, keys, and
 * its habit of showing browsers a login page with status 200.
 */
public final class FakeCivitai extends FakeServer {
  /** The key that counts. */
  public static final String TOKEN = "c1v1ta1keyThatCounts0123456789";

  private static final Pattern BROWSER =
      Pattern.compile("mozilla|chrome|safari|firefox|opera|edge", Pattern.CASE_INSENSITIVE);

  private final FakeStorage storage;
  private final Map<Long, Version> versions = new ConcurrentHashMap<>();
  private final AtomicInteger missing = new AtomicInteger();

  /** Who may download. */
  public enum Rule {
    ANYONE,
    KEY,
    DISABLED,
    EARLY_ACCESS,
    LOGIN_PAGE,
    GONE
  }

  /** A file of a version. */
  public record File(
      long id, String name, String type, String format, String fp, boolean primary, Blob blob) {}

  /** A version with its files. */
  public record Version(
      long modelId, long id, Rule rule, String usage, List<File> files, boolean hashed) {}

  /** Starts a Civitai in front of a storage. */
  public FakeCivitai(FakeStorage storage) {
    this.storage = storage;
    handle("/api/v1/model-versions/", (exchange, body) -> version(exchange));
    handle("/api/v1/models/", (exchange, body) -> model(exchange));
    handle("/api/v1/me", (exchange, body) -> me(exchange));
    handle("/api/download/models/", (exchange, body) -> download(exchange));
    handle(
        "/login",
        (exchange, body) ->
            send(
                exchange,
                200,
                "text/html",
                "<!DOCTYPE html><title>Login - Civitai</title>".getBytes(StandardCharsets.UTF_8)));
  }

  /** Adds a version. */
  public Version version(long modelId, long id, Rule rule, File... files) {
    var version = new Version(modelId, id, rule, "Download", new ArrayList<>(List.of(files)), true);
    return add(version);
  }

  /** Adds a version as it is. */
  public Version add(Version version) {
    version.files().forEach(file -> storage.put(file.blob()));
    versions.put(version.id(), version);
    return version;
  }

  /** The next so many downloads are answered with 404. */
  public void missing(int times) {
    missing.set(times);
  }

  private static long number(HttpExchange exchange) {
    return Long.parseLong(exchange.getRequestURI().getPath().replaceFirst(".*/", ""));
  }

  private void version(HttpExchange exchange) throws IOException {
    Version version = versions.get(number(exchange));
    if (version == null) {
      json(exchange, 404, "{\"error\":\"Model not found\"}");
      return;
    }
    json(exchange, 200, versionJson(version, true));
  }

  private void model(HttpExchange exchange) throws IOException {
    long id = number(exchange);
    List<Version> found =
        versions.values().stream()
            .filter(version -> version.modelId() == id)
            .sorted(java.util.Comparator.comparing(Version::id).reversed())
            .toList();
    if (found.isEmpty()) {
      json(exchange, 404, "{\"error\":\"No model with id " + id + "\"}");
      return;
    }
    String list =
        found.stream().map(each -> versionJson(each, false)).collect(Collectors.joining(","));
    json(
        exchange,
        200,
        ("{\"id\":%d,\"name\":\"Pixel Style\",\"type\":\"LORA\",\"creator\":{\"username\":\"ann\"},"
                + "\"modelVersions\":[%s]}")
            .formatted(id, list));
  }

  private String versionJson(Version version, boolean withModel) {
    String files =
        version.files().stream().map(each -> file(version, each)).collect(Collectors.joining(","));
    return """
    {"id":%d,"modelId":%d,"name":"v2","baseModel":"SDXL 1.0","trainedWords":["pixel art"],
     "usageControl":"%s",%s"files":[%s]}
    """
        .formatted(
            version.id(),
            version.modelId(),
            version.usage(),
            withModel ? "\"model\":{\"name\":\"Pixel Style\",\"type\":\"LORA\"}," : "",
            files);
  }

  private static String file(Version version, File file) {
    String hashes =
        version.hashed()
            ? "{\"SHA256\":\"%s\"}".formatted(file.blob().sha256().toUpperCase(Locale.ROOT))
            : "{}";
    return String.format(
        Locale.ROOT,
        "{\"id\":%d,\"name\":\"%s\",\"type\":\"%s\",\"sizeKB\":%.7f,\"primary\":%s,"
            + "\"metadata\":{\"format\":\"%s\",\"size\":\"full\",\"fp\":\"%s\"},\"hashes\":%s}",
        file.id(),
        file.name(),
        file.type(),
        file.blob().size() / 1024.0,
        file.primary(),
        file.format(),
        file.fp(),
        hashes);
  }

  private void me(HttpExchange exchange) throws IOException {
    if (hasKey(exchange)) {
      json(exchange, 200, "{\"id\":7,\"username\":\"bob\",\"tier\":\"free\"}");
    } else {
      json(exchange, 401, "{\"error\":\"Unauthorized\"}");
    }
  }

  private static boolean hasKey(HttpExchange exchange) {
    String header = exchange.getRequestHeaders().getFirst("Authorization");
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    return header == null
        ? ("&" + query + "&").contains("&token=" + TOKEN + "&")
        : header.equals("Bearer " + TOKEN);
  }

  private void download(HttpExchange exchange) throws IOException {
    Version version = versions.get(number(exchange));
    if (version == null || missing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      json(exchange, 404, "{\"error\":\"File not found\"}");
      return;
    }
    String agent = String.valueOf(exchange.getRequestHeaders().getFirst("User-Agent"));
    boolean login = version.rule() == Rule.KEY && !hasKey(exchange);
    boolean browser = BROWSER.matcher(agent).find() || version.rule() == Rule.LOGIN_PAGE;
    if (browser && (login || version.rule() == Rule.LOGIN_PAGE)) {
      exchange.getResponseHeaders().set("Location", "/login?returnUrl=x&reason=download-auth");
      exchange.sendResponseHeaders(302, -1);
    } else if (login) {
      json(
          exchange,
          401,
          "{\"error\":\"Unauthorized\",\"message\":\"The creator of this asset requires you to be"
              + " logged in to download it\"}");
    } else {
      byRule(exchange, version);
    }
  }

  private void byRule(HttpExchange exchange, Version version) throws IOException {
    switch (version.rule()) {
      case DISABLED ->
          json(
              exchange,
              401,
              "{\"error\":\"The creator of this asset has disabled downloads on this file\"}");
      case EARLY_ACCESS ->
          json(
              exchange,
              403,
              "{\"error\":\"Early Access\",\"deadline\":\"2027-01-02T03:04:05.000Z\","
                  + "\"message\":\"This asset is in Early Access.\"}");
      case GONE -> json(exchange, 410, "{\"error\":\"This model has been archived\"}");
      default -> redirect(exchange, version);
    }
  }

  private void redirect(HttpExchange exchange, Version version) throws IOException {
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    File file =
        version.files().stream()
            .filter(each -> query.contains("fileId=" + each.id()))
            .findFirst()
            .orElse(version.files().getFirst());
    exchange.getResponseHeaders().set("Location", storage.sign(file.blob()).toString());
    exchange.sendResponseHeaders(307, -1);
  }
}
