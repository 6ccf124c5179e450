package athanor.hub;

import athanor.error.PrintableText;
import athanor.error.Problem;
import athanor.net.Origin;
import athanor.net.Secret;
import athanor.net.Url;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Links of Civitai: pages of models and versions, download links. */
final class CivitaiLinks {
  private static final Pattern HOST = Pattern.compile("(?:www\\.)?civitai\\.(?:com|red|green)");
  private static final Pattern DOWNLOAD = Pattern.compile("/api/download/models/(\\d+)/?");
  private static final Pattern MODEL = Pattern.compile("/(?:api/v1/)?models/(\\d+)(?:/.*)?");
  private static final Pattern VERSION = Pattern.compile("/(?:api/v1/)?model-versions/(\\d+)/?");
  private static final Pattern SHORT = Pattern.compile("(?i)civitai:(\\d+)(?:@(\\d+))?");
  private static final Set<String> SELECTING =
      Set.of("type", "format", "size", "fp", "quantType", "fileId");

  private final Origin endpoint;

  CivitaiLinks(URI endpoint) {
    this.endpoint = Origin.of(endpoint);
  }

  /** The link, if the address belongs to Civitai. */
  Optional<Link> parse(URI address) {
    Origin origin = Origin.of(address);
    if (!HOST.matcher(origin.host()).matches() && !origin.equals(endpoint)) {
      return Optional.empty();
    }
    Map<String, String> query = Url.query(address);
    Optional<Secret> token = Optional.ofNullable(query.get("token")).map(Secret::of);
    Link.Selection selection = selection(query);
    String path = Url.path(address);
    Matcher download = DOWNLOAD.matcher(path);
    if (download.matches()) {
      return Optional.of(version(download.group(1), OptionalLong.empty(), selection, token));
    }
    Matcher version = VERSION.matcher(path);
    if (version.matches()) {
      return Optional.of(version(version.group(1), OptionalLong.empty(), selection, token));
    }
    Matcher model = MODEL.matcher(path);
    if (model.matches()) {
      OptionalLong modelId = OptionalLong.of(id(model.group(1)));
      String wanted = query.getOrDefault("modelVersionId", "");
      return Optional.of(
          wanted.matches("\\d+")
              ? version(wanted, modelId, selection, token)
              : new Link.CivitaiModel(modelId.getAsLong(), selection));
    }
    throw UnusableLinks.refusal(
        address,
        "a page of Civitai without a model, such as a gallery, a post or a user",
        "open the model's own page and paste its address: https://civitai.com/models/NUMBER");
  }

  /** {@code civitai:MODEL[@VERSION]}. */
  Link shortForm(String text) {
    Matcher matcher = SHORT.matcher(text);
    if (!matcher.matches()) {
      throw Problem.usage("not a name of a Civitai model")
          .found(PrintableText.line(text))
          .expected("civitai:MODEL or civitai:MODEL@VERSION, with their numbers")
          .toException();
    }
    return of(matcher.group(1), Optional.ofNullable(matcher.group(2)));
  }

  static Link of(String model, Optional<String> version) {
    OptionalLong modelId = OptionalLong.of(id(model));
    return version.isPresent()
        ? version(version.get(), modelId, Link.Selection.NONE, Optional.empty())
        : new Link.CivitaiModel(modelId.getAsLong(), Link.Selection.NONE);
  }

  private static Link version(
      String id, OptionalLong modelId, Link.Selection selection, Optional<Secret> token) {
    return new Link.CivitaiVersion(id(id), modelId, selection, token);
  }

  private static Link.Selection selection(Map<String, String> query) {
    Map<String, String> chosen = new HashMap<>(query);
    chosen.keySet().retainAll(SELECTING);
    return new Link.Selection(chosen);
  }

  private static long id(String digits) {
    if (digits.length() > 10) {
      throw Problem.usage("not a number of a Civitai model").found(digits).toException();
    }
    return Long.parseLong(digits);
  }
}
