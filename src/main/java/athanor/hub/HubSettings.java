package athanor.hub;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.net.HttpSettings;
import athanor.net.Url;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Where the hubs are and where this program keeps its things.
 *
 * @param environment the variables of the process, for tokens
 * @param huggingFace address of the Hugging Face Hub: {@code HF_ENDPOINT}
 * @param civitai address of Civitai: {@code CIVITAI_ENDPOINT}
 * @param huggingFaceCache {@code HF_HUB_CACHE}, else {@code hub} in {@code HF_HOME}; only read
 * @param huggingFaceToken {@code HF_TOKEN_PATH}, else {@code token} in {@code HF_HOME}; only read
 * @param config folder of the stored tokens: {@code ATHANOR_CONFIG}
 * @param cache folder of fetched files: {@code ATHANOR_CACHE}
 * @param offline the variable that forbids the network ({@code HF_HUB_OFFLINE}, {@code
 *     TRANSFORMERS_OFFLINE}), if one is set
 * @param http patience, proxies, certificates, notices
 */
public record HubSettings(
    Map<String, String> environment,
    URI huggingFace,
    URI civitai,
    Path huggingFaceCache,
    Path huggingFaceToken,
    Path config,
    Path cache,
    Optional<String> offline,
    HttpSettings http) {
  static final URI HUGGING_FACE = URI.create("https://huggingface.co");
  static final URI CIVITAI = URI.create("https://civitai.com");
  private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

  /** Copies the environment. */
  public HubSettings {
    environment = Map.copyOf(environment);
  }

  /**
   * The settings that the environment describes.
   *
   * @param environment variables by name
   * @param home the user's home folder
   * @param notices receives short sentences for the user, from any thread
   * @throws athanor.error.AthanorException of kind USAGE if a variable is unusable; the message
   *     names it
   */
  public static HubSettings from(
      Map<String, String> environment, Path home, Consumer<String> notices) {
    var variables = new Variables(environment);
    Path caches = variables.path("XDG_CACHE_HOME", home.resolve(".cache"));
    Path configs = variables.path("XDG_CONFIG_HOME", home.resolve(".config"));
    Path hfHome = variables.path("HF_HOME", caches.resolve("huggingface"));
    Path hfCache =
        variables.path(
            "HF_HUB_CACHE", variables.path("HUGGINGFACE_HUB_CACHE", hfHome.resolve("hub")));
    return new HubSettings(
        environment,
        variables.endpoint("HF_ENDPOINT", HUGGING_FACE),
        variables.endpoint("CIVITAI_ENDPOINT", CIVITAI),
        hfCache,
        variables.path("HF_TOKEN_PATH", hfHome.resolve("token")),
        variables.path("ATHANOR_CONFIG", configs.resolve("athanor")),
        variables.path("ATHANOR_CACHE", caches.resolve("athanor")),
        variables.truthy("HF_HUB_OFFLINE").or(() -> variables.truthy("TRANSFORMERS_OFFLINE")),
        HttpSettings.from(environment, notices));
  }

  /** These settings with another patience. */
  public HubSettings with(HttpSettings other) {
    return new HubSettings(
        environment,
        huggingFace,
        civitai,
        huggingFaceCache,
        huggingFaceToken,
        config,
        cache,
        offline,
        other);
  }

  private record Variables(Map<String, String> values) {
    Optional<String> value(String name) {
      return Optional.ofNullable(values.get(name))
          .map(String::strip)
          .filter(text -> !text.isEmpty());
    }

    Path path(String name, Path otherwise) {
      return value(name).map(Path::of).orElse(otherwise);
    }

    URI endpoint(String name, URI otherwise) {
      return value(name).map(text -> endpoint(name, text)).orElse(otherwise);
    }

    /** The text may hold a password or a key, so it is not shown. */
    private static URI endpoint(String name, String text) {
      try {
        URI address = Url.parse(text.replaceFirst("/+$", ""));
        boolean bare =
            address.getRawUserInfo() == null
                && address.getRawQuery() == null
                && address.getRawFragment() == null;
        if (bare) {
          return address;
        }
      } catch (AthanorException e) {
        // Said below.
      }
      throw Problem.usage("not the address of a service")
          .at("environment variable " + name)
          .expected("https://HOST or https://HOST/PATH, without user, password and parameters")
          .help("give a token in HF_TOKEN or CIVITAI_TOKEN, or store it: athanor auth login hf")
          .toException();
    }

    Optional<String> truthy(String name) {
      return value(name)
          .filter(text -> TRUE.contains(text.toUpperCase(Locale.ROOT)))
          .map(text -> name);
    }
  }
}
