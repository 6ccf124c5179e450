package athanor.testkit.web;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Hugging Face Hub for reading: metadata by HEAD, large files by redirect to storage, small ones
 * directly, listings, gated and private repositories, renamed ones, tokens. The official Python and
 * JavaScript clients download from it.
 */
public final class FakeHuggingFace extends FakeServer {
  /** The token of {@link Tokens#READ}, which reads everything of alice's. */
  public static final String TOKEN = "hf_Fake0Token0That0Reads0Everything";

  private static final Pattern RESOLVE = Pattern.compile("/(.+?)/resolve/([^/]+)/(.+)");
  private static final Pattern API =
      Pattern.compile(
          "/api/models/([^/]+(?:/[^/]+)?)(?:/(revision|tree|paths-info)/([^/]+)(?:/.*)?)?");

  private final FakeStorage storage;
  private final Map<String, Repo> repos = new ConcurrentHashMap<>();
  private final Map<String, String> renamed = new ConcurrentHashMap<>();
  private final Tokens tokens = new Tokens();
  private volatile boolean sparse;
  private volatile boolean noHead;

  /** Who may read a repository. */
  public enum Visibility {
    PUBLIC,
    GATED,
    PRIVATE
  }

  /** Starts a hub in front of a storage. */
  public FakeHuggingFace(FakeStorage storage) {
    this.storage = storage;
    handle("/", (exchange, body) -> resolve(exchange));
    handle("/api/", this::api);
  }

  /** The tokens that count here. */
  public Tokens tokens() {
    return tokens;
  }

  /** A repository by its name. */
  public Optional<Repo> find(String id) {
    return Optional.ofNullable(repos.get(id));
  }

  /** Adds a repository of a user; its files follow. */
  public Repo repo(String id, Visibility visibility) {
    return repo(id, id.replaceFirst("/.*", ""), visibility);
  }

  /** Adds a repository that somebody created; its files follow. */
  public Repo repo(String id, String creator, Visibility visibility) {
    var repo = new Repo(id, creator, visibility);
    repos.put(id, repo);
    return repo;
  }

  /** A repository is gone. */
  public void delete(String id) {
    repos.remove(id);
  }

  /** Adds a file. */
  public void file(Repo repo, String path, Blob blob) {
    repo.put(path, blob);
    storage.put(blob);
  }

  /** The repository has moved. */
  public void rename(String from, String to) {
    renamed.put(from, to);
  }

  /** Where a repository has moved. */
  public Optional<String> movedTo(String id) {
    return Optional.ofNullable(renamed.get(id));
  }

  /** Leaves out the headers that mirrors leave out. */
  public void sparse() {
    sparse = true;
  }

  /** Refuses HEAD, as some proxies do. */
  public void noHead() {
    noHead = true;
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
    Repo.Commit commit = repo.at(revision).orElseThrow();
    Repo.Stored file = commit.files().get(decode(path.group(3)));
    exchange.getResponseHeaders().set("X-Repo-Commit", commit.id());
    if (file == null) {
      refuse(exchange, 404, "EntryNotFound", "Entry not found");
    } else {
      file(exchange, file);
    }
  }

  private void file(HttpExchange exchange, Repo.Stored file) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    Blob blob = file.blob();
    if (!file.lfs()) {
      var bytes = new ByteArrayOutputStream();
      blob.write(bytes, 0, blob.size());
      headers.set("ETag", "\"" + Listings.gitSha1(bytes.toByteArray()) + "\"");
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
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    Optional<Token> token = tokens.of(authorization == null ? "" : authorization);
    if (authorization != null && token.isEmpty()) {
      String message = "Invalid credentials in Authorization header";
      exchange.getResponseHeaders().set("X-Error-Message", message);
      json(exchange, 401, "{\"error\":\"" + message + "\"}");
      return null;
    }
    Repo repo = repos.get(id);
    boolean known = token.isPresent();
    if (repo == null || !mayRead(repo, token)) {
      refuse(exchange, known ? 404 : 401, "RepoNotFound", "Repository not found");
      return null;
    }
    if (repo.at(revision).isEmpty()) {
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

  /** Whether somebody knows that the repository exists. */
  public static boolean mayRead(Repo repo, Optional<Token> token) {
    return repo.visibility() != Visibility.PRIVATE
        || token.filter(each -> each.belongsTo(repo.namespace())).isPresent();
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
    Repo.Commit commit = repo.at(revision).orElseThrow();
    if (kind.equals("revision")) {
      json(exchange, 200, Listings.info(repo, commit));
    } else {
      json(exchange, 200, Listings.tree(commit, kind, asked));
    }
  }

  private static String decode(String text) {
    return Ask.decode(text);
  }
}
