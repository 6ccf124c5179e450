package athanor.testkit.web;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A Hugging Face Hub for reading: metadata by HEAD, large files by redirect to storage, small ones
 * directly, listings, gated and private repositories, renamed ones, tokens. The official Python and
 * JavaScript clients download from it.
 */
public final class FakeHuggingFace extends FakeServer {
  /** The token that may do everything. */
  public static final String TOKEN = "hf_Fake0Token0That0Reads0Everything";

  private static final Pattern RESOLVE = Pattern.compile("/(.+?)/resolve/([^/]+)/(.+)");
  private static final Pattern API =
      Pattern.compile(
          "/api/models/([^/]+(?:/[^/]+)?)(?:/(revision|tree|paths-info)/([^/]+)(?:/.*)?)?");
  private static final int SMALL = 4096;

  private final FakeStorage storage;
  private final Map<String, Repo> repos = new ConcurrentHashMap<>();
  private final Map<String, String> renamed = new ConcurrentHashMap<>();
  private volatile boolean sparse;
  private volatile boolean noHead;

  /** Who may read a repository. */
  public enum Visibility {
    PUBLIC,
    GATED,
    PRIVATE
  }

  /** A repository with one commit. */
  public record Repo(String id, String commit, Visibility visibility, Map<String, Blob> files) {
    private boolean has(String revision) {
      return Set.of("main", "HEAD", commit, "refs/pr/1").contains(revision);
    }
  }

  /** Starts a hub in front of a storage. */
  public FakeHuggingFace(FakeStorage storage) {
    this.storage = storage;
    handle("/", (exchange, body) -> resolve(exchange));
    handle("/api/models/", this::api);
    handle("/api/whoami-v2", (exchange, body) -> whoami(exchange));
  }

  /** Adds a repository; its files follow. */
  public Repo repo(String id, Visibility visibility) {
    String commit = Blob.digest("SHA-1", id.getBytes(StandardCharsets.UTF_8));
    var repo = new Repo(id, commit, visibility, new LinkedHashMap<>());
    repos.put(id, repo);
    return repo;
  }

  /** Adds a file. */
  public void file(Repo repo, String path, Blob blob) {
    repo.files().put(path, blob);
    storage.put(blob);
  }

  /** The repository has moved. */
  public void rename(String from, String to) {
    renamed.put(from, to);
  }

  /** Leaves out the headers that mirrors leave out. */
  public void sparse() {
    sparse = true;
  }

  /** Refuses HEAD, as some proxies do. */
  public void noHead() {
    noHead = true;
  }

  private @Nullable String token(HttpExchange exchange) {
    return exchange.getRequestHeaders().getFirst("Authorization");
  }

  private void resolve(HttpExchange exchange) throws IOException {
    Matcher path = RESOLVE.matcher(exchange.getRequestURI().getRawPath());
    if (!path.matches()) {
      json(exchange, 404, "{\"error\":\"Sorry, we can't find the page\"}");
      return;
    }
    String moved = renamed.get(path.group(1));
    if (moved != null) {
      String target = exchange.getRequestURI().getRawPath().replace(path.group(1), moved);
      exchange.getResponseHeaders().set("Location", target);
      exchange.sendResponseHeaders(307, -1);
      return;
    }
    if (noHead && exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(405, -1);
      return;
    }
    String revision = decode(path.group(2));
    Repo repo = allowed(exchange, path.group(1), revision, true);
    if (repo == null) {
      return;
    }
    Blob blob = repo.files().get(decode(path.group(3)));
    exchange.getResponseHeaders().set("X-Repo-Commit", repo.commit());
    if (blob == null) {
      refuse(exchange, 404, "EntryNotFound", "Entry not found");
    } else {
      file(exchange, blob);
    }
  }

  private void file(HttpExchange exchange, Blob blob) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    if (blob.size() < SMALL) {
      var bytes = new ByteArrayOutputStream();
      blob.write(bytes, 0, blob.size());
      headers.set("ETag", "\"" + gitSha1(bytes.toByteArray()) + "\"");
      headers.set("Content-Length", Long.toString(blob.size()));
      headers.set("Content-Type", "text/plain; charset=utf-8");
      boolean head = exchange.getRequestMethod().equals("HEAD");
      boolean probe = "bytes=0-0".equals(exchange.getRequestHeaders().getFirst("Range"));
      if (probe && !head) {
        headers.set("Content-Range", "bytes 0-0/" + blob.size());
        exchange.sendResponseHeaders(206, 1);
        exchange.getResponseBody().write(bytes.toByteArray(), 0, 1);
        return;
      }
      exchange.sendResponseHeaders(200, head ? -1 : bytes.size());
      if (!head) {
        bytes.writeTo(exchange.getResponseBody());
      }
      return;
    }
    if (!sparse) {
      headers.set("X-Linked-Etag", "\"" + blob.sha256() + "\"");
      headers.set("X-Linked-Size", Long.toString(blob.size()));
      headers.set("ETag", "\"" + blob.sha256() + "\"");
    }
    headers.set("Location", storage.sign(blob).toString());
    exchange.sendResponseHeaders(302, -1);
  }

  private @Nullable Repo allowed(HttpExchange exchange, String id, String revision, boolean file)
      throws IOException {
    String token = token(exchange);
    boolean known = ("Bearer " + TOKEN).equals(token);
    if (token != null && !known) {
      exchange
          .getResponseHeaders()
          .set("X-Error-Message", "Invalid credentials in Authorization header");
      json(exchange, 401, "{\"error\":\"Invalid credentials in Authorization header\"}");
      return null;
    }
    Repo repo = repos.get(id);
    if (repo == null || (repo.visibility() == Visibility.PRIVATE && !known)) {
      refuse(exchange, known ? 404 : 401, "RepoNotFound", "Repository not found");
      return null;
    }
    if (!repo.has(revision)) {
      refuse(exchange, 404, "RevisionNotFound", "Invalid rev id: " + revision);
      return null;
    }
    if (file && repo.visibility() == Visibility.GATED && !known) {
      refuse(
          exchange, 401, "GatedRepo", "Access to model " + id + " is restricted. Please log in.");
      return null;
    }
    return repo;
  }

  private static void refuse(HttpExchange exchange, int status, String code, String message)
      throws IOException {
    exchange.getResponseHeaders().set("X-Error-Code", code);
    exchange.getResponseHeaders().set("X-Error-Message", message);
    exchange.getResponseHeaders().set("X-Request-Id", "Root=1-fake");
    json(exchange, status, "{\"error\":\"" + message + "\"}");
  }

  private void api(HttpExchange exchange, byte[] body) throws IOException {
    Matcher path = API.matcher(exchange.getRequestURI().getRawPath());
    if (!path.matches()) {
      json(exchange, 404, "{\"error\":\"Not found\"}");
      return;
    }
    String revision = path.group(3) == null ? "main" : decode(path.group(3));
    Repo repo = allowed(exchange, decode(path.group(1)), revision, false);
    if (repo == null) {
      return;
    }
    String kind = path.group(2) == null ? "revision" : path.group(2);
    String asked = new String(body, StandardCharsets.UTF_8);
    json(exchange, 200, kind.equals("revision") ? info(repo) : tree(repo, kind, asked));
  }

  private static String info(Repo repo) {
    String siblings =
        repo.files().entrySet().stream()
            .map(file ->
                "{\"rfilename\":\"%s\",\"size\":%d,\"blobId\":\"%s\"%s}"
                    .formatted(
                        file.getKey(),
                        file.getValue().size(),
                        file.getValue().sha256().substring(0, 40),
                        lfs(file.getValue(), "sha256")))
            .collect(Collectors.joining(","));
    return """
    {"id":"%s","modelId":"%s","sha":"%s","private":%s,"gated":%s,"disabled":false,
     "tags":["diffusers","lora","base_model:adapter:stabilityai/stable-diffusion-xl-base-1.0",
     "license:openrail++"],"downloads":1,"likes":0,
     "cardData":{"instance_prompt":"pixel art"},"siblings":[%s]}
    """
        .formatted(
            repo.id(),
            repo.id(),
            repo.commit(),
            repo.visibility() == Visibility.PRIVATE,
            repo.visibility() == Visibility.GATED ? "\"auto\"" : "false",
            siblings);
  }

  private static String lfs(Blob blob, String hash) {
    return blob.size() < SMALL
        ? ""
        : ",\"lfs\":{\"%s\":\"%s\",\"size\":%d,\"pointerSize\":134}"
            .formatted(hash, blob.sha256(), blob.size());
  }

  private static String tree(Repo repo, String kind, String asked) {
    return repo.files().entrySet().stream()
        .filter(file -> kind.equals("tree") || decode(asked).contains(file.getKey()))
        .map(file ->
            "{\"type\":\"file\",\"path\":\"%s\",\"size\":%d,\"oid\":\"%s\"%s}"
                .formatted(
                    file.getKey(),
                    file.getValue().size(),
                    file.getValue().sha256().substring(0, 40),
                    lfs(file.getValue(), "oid")))
        .collect(Collectors.joining(",", "[", "]"));
  }

  private void whoami(HttpExchange exchange) throws IOException {
    if (!("Bearer " + TOKEN).equals(token(exchange))) {
      exchange
          .getResponseHeaders()
          .set("X-Error-Message", "Invalid credentials in Authorization header");
      json(exchange, 401, "{\"error\":\"Invalid credentials in Authorization header\"}");
      return;
    }
    json(
        exchange,
        200,
        """
        {"type":"user","id":"1","name":"alice","fullname":"Alice","isPro":false,
         "orgs":[{"type":"org","id":"2","name":"acme","roleInOrg":"write"}],
         "auth":{"type":"access_token","accessToken":{"displayName":"laptop","role":"read"}}}
        """);
  }

  private static String gitSha1(byte[] bytes) {
    var all = new ByteArrayOutputStream();
    all.writeBytes(("blob " + bytes.length + "\0").getBytes(StandardCharsets.UTF_8));
    all.writeBytes(bytes);
    return Blob.digest("SHA-1", all.toByteArray());
  }

  private static String decode(String text) {
    return java.net.URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
