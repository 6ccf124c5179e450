package athanor.hub;

import athanor.error.PrintableText;
import athanor.error.Problem;
import athanor.net.Credential;
import athanor.net.Origin;
import athanor.net.Url;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads pasted links. The addresses of the two hubs can be others than the public ones, so that
 * links to a configured endpoint are understood as well.
 */
final class LinkParser {
  /** With the public addresses. */
  static final LinkParser STANDARD = new LinkParser(HubSettings.HUGGING_FACE, HubSettings.CIVITAI);

  private static final Pattern SCHEME =
      Pattern.compile("(?i)([a-z][a-z0-9+.-]+://|hf:|urn:air:|air:|civitai:|magnet:).*");
  private static final Pattern HUB_HOST =
      Pattern.compile(
          "(?i)((www\\.)?(huggingface\\.co|hf\\.co|hf-mirror\\.com|civitai\\.(com|red|green)))/.*");
  private static final Pattern SHA256 = Pattern.compile("(?i)sha256=([0-9a-f]{64})");

  private final HuggingFaceLinks huggingFace;
  private final CivitaiLinks civitai;

  LinkParser(URI huggingFaceEndpoint, URI civitaiEndpoint) {
    this.huggingFace = new HuggingFaceLinks(huggingFaceEndpoint);
    this.civitai = new CivitaiLinks(civitaiEndpoint);
  }

  static boolean looksLikeLink(String text) {
    String stripped = text.strip();
    return SCHEME.matcher(stripped).matches()
        || HUB_HOST.matcher(stripped).matches()
        || Air.looksLike(stripped);
  }

  Link parse(String text) {
    String stripped = text.strip();
    String lower = stripped.toLowerCase(Locale.ROOT);
    if (Air.looksLike(stripped)) {
      return Air.parse(stripped, huggingFace);
    }
    if (lower.startsWith("hf:")) {
      return huggingFace.shortForm(stripped);
    }
    if (lower.startsWith("civitai:")) {
      return civitai.shortForm(stripped);
    }
    if (HUB_HOST.matcher(stripped).matches()) {
      return web(Url.parse("https://" + stripped));
    }
    if (lower.startsWith("http://") || lower.startsWith("https://")) {
      return web(Url.parse(stripped));
    }
    throw noLink(stripped, lower);
  }

  private static RuntimeException noLink(String text, String lower) {
    Problem problem = Problem.usage("not a link that a file can be fetched from");
    if (lower.startsWith("file:")) {
      problem = problem.help("this is a file of this computer: give its path without file://");
    } else if (lower.startsWith("magnet:")) {
      problem = problem.help("fetch it with a torrent program, then give the file");
    } else {
      problem =
          problem.help("paste the address of a model page of Civitai or of a file of Hugging Face");
    }
    // Without its query, which may hold a key.
    return problem.found(PrintableText.line(text.replaceFirst("[?#].*", ""))).toException();
  }

  private Link web(URI address) {
    Optional<Link> known = huggingFace.parse(address).or(() -> civitai.parse(address));
    return known.orElseGet(() -> plain(address));
  }

  private static Link plain(URI address) {
    UnusableLinks.refuse(address);
    Optional<String> sha256 =
        Optional.ofNullable(address.getFragment())
            .map(SHA256::matcher)
            .filter(Matcher::matches)
            .map(match -> match.group(1).toLowerCase(Locale.ROOT));
    Optional<Credential> login =
        Optional.ofNullable(address.getRawUserInfo())
            .map(user -> Credential.basic(Url.decode(user), Origin.of(address), "the link"));
    String query = address.getRawQuery();
    if (address.getHost().endsWith("dropbox.com") && query != null) {
      // dl=0 shows a page, dl=1 sends the file.
      query = query.replaceAll("(^|&)dl=0", "$1dl=1");
    }
    String clean = Origin.of(address) + Url.path(address) + (query == null ? "" : "?" + query);
    return new Link.Web(URI.create(clean), sha256, login);
  }
}
