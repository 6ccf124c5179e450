package athanor.web;

import athanor.file.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of the page, held in memory under their exact names: a path is never resolved, so there
 * is nothing to climb out of. The list of names is the resource {@value #LIST}. Immutable.
 */
final class PageFiles {
  private static final String FOLDER = "page/";
  private static final String LIST = "page/files.txt";
  private static final String INDEX = "index.html";
  private static final Pattern IMPORT_MAP =
      Pattern.compile("<script type=\"importmap\">(.*?)</script>", Pattern.DOTALL);

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "mjs", "text/javascript; charset=utf-8");

  private final Map<String, Content> byPath;
  private final String policy;

  /**
   * A file as it is sent.
   *
   * @param type its content type
   * @param bytes all of it
   * @param tag changes when the bytes do
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Content(String type, byte[] bytes, String tag) {}

  private PageFiles(Map<String, Content> byPath, String policy) {
    this.byPath = byPath;
    this.policy = policy;
  }

  /** The files of this program. */
  static PageFiles load() {
    Map<String, Content> files = new HashMap<>();
    for (String name : names()) {
      byte[] bytes = resource(FOLDER + name);
      String type = Objects.requireNonNull(TYPES.get(name.substring(name.lastIndexOf('.') + 1)));
      files.put("/" + name, new Content(type, bytes, '"' + Sha256.of(bytes) + '"'));
    }
    Content index = Objects.requireNonNull(files.get("/" + INDEX));
    files.put("/", index);
    return new PageFiles(Map.copyOf(files), policy(index));
  }

  /** The names of all files, as the page asks for them. */
  static List<String> names() {
    return new String(resource(LIST), StandardCharsets.UTF_8).lines().toList();
  }

  /** The file of a path as it stands in the request. */
  Optional<Content> at(String rawPath) {
    return Optional.ofNullable(byPath.get(rawPath));
  }

  /**
   * What the page may do: run its own scripts and the one map that names them, show its own style,
   * talk to this server, and be in no frame.
   */
  String policy() {
    return policy;
  }

  private static String policy(Content index) {
    Matcher map = IMPORT_MAP.matcher(new String(index.bytes(), StandardCharsets.UTF_8));
    if (!map.find()) {
      throw new IllegalStateException("the page has no import map");
    }
    return "default-src 'none'; script-src 'self' 'sha256-"
        + Base64.getEncoder()
            .encodeToString(Sha256.create().digest(map.group(1).getBytes(StandardCharsets.UTF_8)))
        + "'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none';"
        + " form-action 'none'; frame-ancestors 'none'";
  }

  private static byte[] resource(String name) {
    try (InputStream in = PageFiles.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
