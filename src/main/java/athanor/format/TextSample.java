package athanor.format;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Tells text files apart: web pages, error messages, pointers, links, sources. */
final class TextSample {
  private static final List<String> LFS =
      List.of(
          "version https://git-lfs.github.com/spec/v1",
          "version https://hawser.github.com/spec/v1");
  private static final List<String> SERVER_ERRORS =
      List.of(
          "invalid username or password",
          "invalid credentials",
          "entry not found",
          "repository not found",
          "revision not found",
          "access to model",
          "access to this",
          "access denied",
          "unauthorized",
          "forbidden",
          "not found",
          "file not found",
          "404",
          "401",
          "403",
          "too many requests",
          "internal error",
          "internal server error",
          "bad gateway");
  private static final List<String> PYTHON =
      List.of("import ", "from ", "def ", "class ", "# -*- coding", "\"\"\"");
  private static final int SHORT_MESSAGE = 1024;

  private final String text;
  private final String lower;

  private TextSample(FileSample sample) {
    this.text = sample.text();
    this.lower = text.toLowerCase(Locale.ROOT);
  }

  /** What kind of text this is; empty if it is none. */
  static Optional<FileDiagnosis> diagnose(FileSample sample) {
    return sample.isText()
        ? Optional.of(new TextSample(sample).diagnose(sample.size()))
        : Optional.empty();
  }

  private FileDiagnosis diagnose(long size) {
    if (isHtml()) {
      boolean blob = lower.contains("huggingface.co") && lower.contains("/blob/");
      return FileDiagnosis.of(blob ? FileKind.HTML_BLOB : FileKind.HTML).withFact(title());
    }
    if (lower.startsWith("<?xml") || lower.startsWith("<error>")) {
      return FileDiagnosis.of(lower.contains("<code>") ? FileKind.XML_ERROR : FileKind.TEXT)
          .withFact(join(element("Code"), element("Message")));
    }
    if (LFS.stream().anyMatch(text::startsWith)) {
      return FileDiagnosis.of(FileKind.LFS_POINTER).withFact(lfsFact());
    }
    if (lower.startsWith("# xet version")) {
      return FileDiagnosis.of(FileKind.XET_POINTER);
    }
    if (lower.startsWith("[internetshortcut]")) {
      return FileDiagnosis.of(FileKind.INTERNET_SHORTCUT).withFact(lineAfter("URL="));
    }
    if (lower.startsWith("magnet:?")) {
      return FileDiagnosis.of(FileKind.MAGNET);
    }
    if (size <= SHORT_MESSAGE && SERVER_ERRORS.stream().anyMatch(lower::startsWith)) {
      return FileDiagnosis.of(FileKind.TEXT_ERROR).withFact(firstLine());
    }
    if (PYTHON.stream().anyMatch(text::startsWith)) {
      return FileDiagnosis.of(FileKind.PYTHON);
    }
    if (isYaml()) {
      return FileDiagnosis.of(FileKind.YAML);
    }
    return FileDiagnosis.of(FileKind.TEXT).withFact(firstLine());
  }

  private boolean isHtml() {
    return lower.startsWith("<!doctype html")
        || lower.startsWith("<html")
        || lower.startsWith("<head")
        || lower.startsWith("<body")
        || ((lower.startsWith("<?xml") || lower.startsWith("<!--")) && lower.contains("<html"));
  }

  private boolean isYaml() {
    String first = firstLine();
    int colon = first.indexOf(':');
    return first.equals("---")
        || (colon > 0
            && (colon == first.length() - 1 || first.charAt(colon + 1) == ' ')
            && first
                .substring(0, colon)
                .chars()
                .allMatch(c -> Character.isLetterOrDigit(c) || c == '_'));
  }

  /** The title of a web page, with the commonest entities resolved. */
  private String title() {
    int open = lower.indexOf("<title");
    int from = open < 0 ? -1 : lower.indexOf('>', open) + 1;
    int to = from <= 0 ? -1 : lower.indexOf("</title", from);
    if (to < 0) {
      return "";
    }
    String title =
        text.substring(from, to)
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&#x27;", "'")
            .replace("&amp;", "&");
    return String.join(" ", title.strip().split("\\s+"));
  }

  private String element(String name) {
    int from = text.indexOf("<" + name + ">");
    int to = text.indexOf("</" + name + ">");
    return from < 0 || to < from ? "" : text.substring(from + name.length() + 2, to).strip();
  }

  private static String join(String code, String message) {
    return message.isEmpty() ? code : code + ", " + message;
  }

  private String lfsFact() {
    String hash = lineAfter("oid sha256:");
    String size = lineAfter("size ");
    if (hash.isEmpty() || size.isEmpty()) {
      return "";
    }
    return "the model itself has " + size + " bytes and the SHA-256 " + hash;
  }

  private String lineAfter(String prefix) {
    return text.lines()
        .filter(line -> line.startsWith(prefix))
        .map(line -> line.substring(prefix.length()).strip())
        .findFirst()
        .orElse("");
  }

  private String firstLine() {
    return text.lines().findFirst().orElse("").strip();
  }
}
