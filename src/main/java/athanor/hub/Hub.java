package athanor.hub;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.hub.upload.Uploads;
import athanor.net.Http;
import athanor.net.RangedSource;
import athanor.net.RemoteRanges;
import athanor.net.Secret;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The way to files that are somewhere else: understand a link, find the file it means, read its
 * header in place, fetch it. Thread-safe.
 *
 * <pre>{@code
 * try (Hub hub = Hub.open(settings)) {
 *   RemoteFile file = hub.resolve(hub.parse("hf:alice/pixel-style"), cancellation);
 *   Preview preview = hub.preview(file, cancellation);   // a few hundred kilobytes
 *   Fetched fetched = hub.fetch(file, progress, cancellation);
 * }
 * }</pre>
 */
public final class Hub implements AutoCloseable {
  private final HubSettings settings;
  private final Http http;
  private final Credentials credentials;
  private final Cache cache;
  private final HuggingFaceCache huggingFaceCache;
  private final HuggingFace huggingFace;
  private final Civitai civitai;
  private final PlainWeb web;
  private final Fetcher fetcher;

  private Hub(HubSettings settings, Http http) {
    this.settings = settings;
    this.http = http;
    this.credentials = new Credentials(settings);
    this.cache = new Cache(settings.cache());
    this.huggingFaceCache = new HuggingFaceCache(settings.huggingFaceCache());
    this.huggingFace = new HuggingFace(settings, http, implicitToken());
    this.civitai = new Civitai(settings, http, credentials.token(Service.CIVITAI));
    this.web = new PlainWeb(http);
    this.fetcher = new Fetcher(settings, http, cache, huggingFaceCache, this::host);
  }

  /**
   * Opens the connections' pool; close it at the end. Tokens are read now.
   *
   * @throws athanor.error.AthanorException of kind USAGE if a token in the environment or in a file
   *     cannot be one
   */
  public static Hub open(HubSettings settings) {
    return new Hub(settings, Http.open(settings.http()));
  }

  private Optional<Credentials.Token> implicitToken() {
    String disabled = settings.environment().getOrDefault("HF_HUB_DISABLE_IMPLICIT_TOKEN", "");
    boolean off = List.of("1", "ON", "YES", "TRUE").contains(disabled.toUpperCase(Locale.ROOT));
    return off ? Optional.empty() : credentials.token(Service.HUGGING_FACE);
  }

  private Host host(Service service) {
    return switch (service) {
      case HUGGING_FACE -> huggingFace;
      case CIVITAI -> civitai;
      case WEB -> web;
    };
  }

  /**
   * As {@link Link#parse}, and understands links to the configured endpoints as well.
   *
   * @throws athanor.error.AthanorException as there
   */
  public Link parse(String text) {
    return parse(text, LinkOrigin.USER);
  }

  /**
   * As {@link #parse(String)}. A link that comes from a file may lead to the configured hubs and to
   * the public internet, encrypted; once it was parsed, that holds for every connection to its
   * host.
   *
   * @throws athanor.error.AthanorException as there, and of kind USAGE if such a link leads
   *     elsewhere; nothing was requested then
   */
  public Link parse(String text, LinkOrigin origin) {
    Link link = new LinkParser(settings.huggingFace(), settings.civitai()).parse(text);
    if (origin == LinkOrigin.FILE && settings.offline().isEmpty()) {
      host(link).ifPresent(http::requirePublic);
    }
    return link;
  }

  /** The host that a link is looked up at; empty if nothing is requested, without network. */
  public Optional<String> server(Link link) {
    URI service =
        switch (link) {
          case Link.CivitaiModel _, Link.CivitaiVersion _ -> settings.civitai();
          case Link.HubFile _, Link.HubRepo _, Link.Web _ -> settings.huggingFace();
        };
    return settings.offline().isPresent()
        ? Optional.empty()
        : Optional.ofNullable(host(link).orElse(service).getHost());
  }

  /** The host that the link itself names; empty for links to the configured hubs. */
  private static Optional<URI> host(Link link) {
    return switch (link) {
      case Link.HubFile file -> file.repo().mirror();
      case Link.HubRepo repo -> repo.repo().mirror();
      case Link.CivitaiModel _, Link.CivitaiVersion _ -> Optional.empty();
      case Link.Web web -> Optional.of(web.address());
    };
  }

  /**
   * The files that a link may mean; asks the service.
   *
   * @throws athanor.error.AthanorException of kind NETWORK if the service refuses or fails, of kind
   *     USAGE if no file fits the link's parameters
   */
  public Listing list(Link link, Cancellation cancellation) {
    fetcher.requireNetwork(link.canonical());
    return switch (link) {
      case Link.HubFile file -> single(huggingFace.resolve(file, cancellation));
      case Link.HubRepo repo -> Choice.of(repo, huggingFace.list(repo, cancellation));
      case Link.CivitaiModel model -> civitai.list(model, cancellation);
      case Link.CivitaiVersion version -> civitai.list(version, cancellation);
      case Link.Web address -> single(web.resolve(address, cancellation));
    };
  }

  private static Listing single(RemoteFile file) {
    return new Listing(file.displayName(), List.of(file), Optional.of(file));
  }

  /**
   * The one file that a link means, pinned. Without network, the file that it meant last.
   *
   * @throws athanor.error.AthanorException of kind USAGE if several files fit, with a link to each;
   *     of kind NETWORK if there is none, or the service refuses or fails
   */
  public RemoteFile resolve(Link link, Cancellation cancellation) {
    if (settings.offline().isPresent()) {
      return offline(link);
    }
    Listing listing = list(link, cancellation);
    RemoteFile file = listing.chosen().orElseThrow(() -> Choice.needed(listing).toException());
    Choice.others(listing, file).ifPresent(this::tell);
    return file.askedAs(link);
  }

  /**
   * A file beside another in its repository; where services keep every file alone, and on plain web
   * servers, there is none. Without network, the file that was there last.
   *
   * @param name of the file, without folders
   * @return empty if there is none
   * @throws athanor.error.AthanorException of kind NETWORK if the service refuses or fails, or if
   *     nobody can be asked whether there is one
   */
  public Optional<RemoteFile> beside(RemoteFile file, String name, Cancellation cancellation) {
    if (file.service() != Service.HUGGING_FACE) {
      return Optional.empty();
    }
    String asked = file.asked() + ", " + name;
    if (settings.offline().isPresent()) {
      Optional<RemoteFile> last = OfflineFiles.beside(file.link(), name, asked, cache);
      if (last.isEmpty()) {
        fetcher.requireNetwork(asked);
      }
      return last;
    }
    return file.link() instanceof Link.HubFile link
        ? huggingFace.find(link.beside(name), cancellation).map(found -> found.askedAs(asked))
        : Optional.empty();
  }

  private RemoteFile offline(Link link) {
    return OfflineFiles.find(link, cache, huggingFaceCache)
        .orElseThrow(() -> {
          fetcher.requireNetwork(link.canonical());
          return new IllegalStateException("offline");
        });
  }

  /**
   * What can be known of a file without fetching it: its bytes in place, or, where a token is
   * missing, what its listing declares.
   *
   * @throws athanor.error.AthanorException of kind NETWORK if the service fails or sends a page
   */
  public Preview preview(RemoteFile file, Cancellation cancellation) {
    Optional<Fetched> here = fetcher.cached(file, Progress.NONE, cancellation);
    if (here.isPresent()) {
      return new Preview.Opened(file.with(Access.OPEN), local(here.get().path()));
    }
    fetcher.requireNetwork(file.displayName());
    Host host = host(file.service());
    return switch (host.locate(file, cancellation)) {
      case Located.Denied denied ->
          new Preview.DeclaredOnly(file.with(Access.NEEDS_TOKEN), denied.problem());
      case Located.At at ->
          new Preview.Opened(
              file.with(Access.OPEN),
              RemoteRanges.open(
                  http,
                  host.body(file, Optional.of(at.call())),
                  file.localName(),
                  file.exactSize().orElse(-1),
                  cancellation));
    };
  }

  private static RangedSource local(Path path) {
    try {
      return RangedSource.of(path);
    } catch (IOException e) {
      throw Problem.badFile("a file of the cache cannot be opened")
          .at(path.toString())
          .toException(e);
    }
  }

  /** Bytes that fetching this file would move: 0 if it is in a cache; empty if not known. */
  public OptionalLong forecast(RemoteFile file) {
    boolean here = fetcher.isHere(file);
    return here ? OptionalLong.of(0) : file.size();
  }

  /**
   * The file in a cache, downloaded if none has it; read it, never change it.
   *
   * @throws athanor.error.AthanorException of kind NETWORK if the service refuses, fails or sends
   *     something else; of kind RESOURCES if the disk is too small; of kind BAD_FILE if the
   *     published file itself is damaged; of kind CANCELLED
   */
  public Fetched fetch(RemoteFile file, Progress progress, Cancellation cancellation) {
    return fetcher.fetch(file, progress, cancellation);
  }

  /**
   * The file in a folder of the user, under a name that replaces nothing; copied from a cache if
   * one has it.
   *
   * @throws athanor.error.AthanorException as {@link #fetch}; of kind USAGE if the folder cannot be
   *     written to
   */
  public Fetched download(
      RemoteFile file, Path folder, Progress progress, Cancellation cancellation) {
    return fetcher.download(file, folder, progress, cancellation);
  }

  /** Tells the user something that is worth knowing and no failure. */
  public void tell(String sentence) {
    settings.http().notices().accept(sentence);
  }

  /**
   * The way of files to the Hugging Face Hub.
   *
   * @throws athanor.error.AthanorException of kind NETWORK if the environment forbids the network
   */
  public Uploads uploads() {
    settings
        .offline()
        .ifPresent(variable -> {
          throw Problem.of(Kind.NETWORK, "publishing needs the network, which is switched off")
              .found(variable + " is set")
              .help("unset " + variable)
              .toException();
        });
    return new Uploads(
        settings, http, credentials.token(Service.HUGGING_FACE).map(huggingFace::credential));
  }

  /** The user's tokens. */
  public Credentials credentials() {
    return credentials;
  }

  /** The files fetched so far. */
  public Cache cache() {
    return cache;
  }

  /**
   * Whom the token in use belongs to; empty if there is no token.
   *
   * @throws athanor.error.AthanorException of kind NETWORK if the service does not accept it or
   *     fails
   */
  public Optional<Account> whoami(Service service, Cancellation cancellation) {
    return credentials
        .token(service)
        .map(token -> check(service, token.secret(), token.source(), cancellation));
  }

  /**
   * Whom a token belongs to; asks the service without storing anything.
   *
   * @param source where the token came from, for messages
   * @throws athanor.error.AthanorException of kind NETWORK if the service does not accept it or
   *     fails
   */
  public Account check(Service service, Secret token, String source, Cancellation cancellation) {
    fetcher.requireNetwork(service.label());
    return switch (service) {
      case HUGGING_FACE -> huggingFace.whoami(token, source, cancellation);
      case CIVITAI -> civitai.whoami(token, source, cancellation);
      case WEB -> throw Problem.usage("only hf and civitai have accounts").toException();
    };
  }

  /** Ends the connections. */
  @Override
  public void close() {
    http.close();
  }
}
