package athanor.hub;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.net.Call;
import athanor.net.Credential;
import athanor.net.Http;
import athanor.net.Json;
import athanor.net.Origin;
import athanor.net.Refusal;
import athanor.net.Reply;
import athanor.net.Secret;
import athanor.net.Url;
import athanor.progress.Cancellation;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** The Hugging Face Hub and what speaks like it. Thread-safe. */
final class HuggingFace implements Host {
  private static final Set<Origin> PUBLIC_ORIGINS =
      Set.of(new Origin("https", "huggingface.co", 443), new Origin("https", "hf.co", 443));

  private final HubSettings settings;
  private final Http http;
  private final Set<Origin> origins;
  private final Optional<Credential> credential;
  private volatile boolean anonymous;

  HuggingFace(HubSettings settings, Http http, Optional<Credentials.Token> token) {
    this.settings = settings;
    this.http = http;
    Origin endpoint = Origin.of(settings.huggingFace());
    this.origins = new HashSet<>(PUBLIC_ORIGINS);
    origins.add(endpoint);
    this.credential = token.map(this::credential);
    if (token.isPresent() && !endpoint.isEncrypted() && !endpoint.isLoopback()) {
      notice("HF_ENDPOINT is not encrypted: your token travels in the clear to " + endpoint);
    }
  }

  /** A token with the origins that may see it. */
  Credential credential(Credentials.Token token) {
    return Credential.bearer(token.secret(), origins, token.source());
  }

  /**
   * What one request for the metadata of a file tells.
   *
   * @param commit the revision resolved, if the server says it
   * @param sha256 of the content, for large files
   * @param gitSha1 of the content, for small files
   * @param size in bytes
   * @param call yields the bytes
   */
  private record Found(
      Optional<String> commit,
      Optional<String> sha256,
      Optional<String> gitSha1,
      OptionalLong size,
      Call call) {}

  /** The file, pinned to a commit; if it is closed to this user, as its listing declares it. */
  RemoteFile resolve(Link.HubFile link, Cancellation cancellation) {
    try (Reply reply = metadata(link, cancellation)) {
      if (reply.status() == 401 || reply.status() == 403) {
        Problem problem = explain(link, reply.refusal(), reply);
        return closed(link, problem, cancellation);
      }
      if (!reply.isSuccess() && !reply.isRedirect()) {
        throw explain(link, reply.refusal(), reply).toException();
      }
      Found found = found(reply);
      boolean listed = found.sha256().isPresent() || found.gitSha1().isPresent();
      Optional<RemoteFile> declared =
          listed
              ? Optional.empty()
              : inListing(link, cancellation).map(file -> file.with(Access.OPEN));
      return declared.orElseGet(() -> file(link, found));
    }
  }

  /** As {@link #resolve}, for a file that need not be there. */
  Optional<RemoteFile> find(Link.HubFile link, Cancellation cancellation) {
    try (Reply reply = metadata(link, cancellation)) {
      if (reply.status() == 404) {
        return Optional.empty();
      }
    }
    return Optional.of(resolve(link, cancellation));
  }

  private RemoteFile closed(Link.HubFile link, Problem problem, Cancellation cancellation) {
    return inListing(link, cancellation)
        .map(file -> file.with(Access.NEEDS_TOKEN))
        .orElseThrow(problem::toException);
  }

  private Optional<RemoteFile> inListing(Link.HubFile link, Cancellation cancellation) {
    try {
      return list(new Link.HubRepo(link.repo(), link.revision(), ""), cancellation).stream()
          .filter(
              file -> file.link() instanceof Link.HubFile each && each.path().equals(link.path()))
          .findFirst();
    } catch (AthanorException e) {
      return Optional.empty();
    }
  }

  private static RemoteFile file(Link.HubFile link, Found found) {
    String revision = found.commit().orElse(link.revision());
    var pinned = new Link.HubFile(link.repo(), revision, link.path());
    return HubListing.file(
        pinned,
        found.size(),
        found.sha256(),
        Access.OPEN,
        HubListing.named(link.repo()),
        found.gitSha1().orElse(""));
  }

  /** All files of a repository or folder that the listing shows, pinned to the commit. */
  List<RemoteFile> list(Link.HubRepo link, Cancellation cancellation) {
    String revision = Url.encode(link.revision());
    URI address = api(link.repo(), "/revision/" + revision + "?blobs=true");
    Json json =
        http.json(
            authorized(Call.get(address), Optional.empty()),
            refusal ->
                HubRefusals.explain(
                    refusal, link.repo(), link.revision(), "", page(link.repo()), credential),
            cancellation);
    return HubListing.files(link, json);
  }

  @Override
  public Located locate(RemoteFile file, Cancellation cancellation) {
    Link.HubFile link = (Link.HubFile) file.link();
    try (Reply reply = metadata(link, cancellation)) {
      if (reply.isSuccess() || reply.isRedirect()) {
        return new Located.At(found(reply).call());
      }
      Problem problem = explain(link, reply.refusal(), reply);
      if (reply.status() == 401 || reply.status() == 403) {
        return new Located.Denied(problem);
      }
      throw problem.toException();
    }
  }

  /** HEAD of the file; where a server has no HEAD, a GET of one byte says the same. */
  private Reply metadata(Link.HubFile link, Cancellation cancellation) {
    Call head = authorized(Call.head(resolveAddress(link)), Optional.of(link));
    Reply reply = fetch(head, link, cancellation);
    boolean noHead =
        reply.status() == 405
            || reply.status() == 501
            || (reply.status() == 403 && reply.header("x-error-code").isEmpty());
    if (noHead) {
      reply.close();
      reply =
          fetch(
              authorized(Call.get(head.address()).range(0, 0), Optional.of(link)),
              link,
              cancellation);
    }
    if (reply.status() == 401 && !anonymous && credential.isPresent() && isBadToken(reply)) {
      reply.close();
      notice(
          "Hugging Face does not accept the token from "
              + credential.get().source()
              + "; going on without it");
      anonymous = true;
      return metadata(link, cancellation);
    }
    return reply;
  }

  private static boolean isBadToken(Reply reply) {
    return reply.header("x-error-message").orElse("").contains("Invalid credentials")
        || reply.header("www-authenticate").orElse("").contains("invalid_token");
  }

  private Reply fetch(Call call, Link.HubFile link, Cancellation cancellation) {
    return http.fetch(call, refusal -> explainBody(link, refusal), cancellation);
  }

  private Found found(Reply reply) {
    Call call = reply.isRedirect() ? Call.get(http.target(reply)) : Call.get(reply.address());
    Optional<String> etag =
        reply
            .header("x-linked-etag")
            .or(() -> reply.isRedirect() ? Optional.empty() : reply.header("etag"))
            .map(tag -> tag.replaceFirst("^W/", "").replace("\"", "").toLowerCase(Locale.ROOT));
    Optional<Long> linkedSize =
        reply.header("x-linked-size").filter(text -> text.matches("\\d{1,18}")).map(Long::valueOf);
    OptionalLong size =
        linkedSize.isPresent()
            ? OptionalLong.of(linkedSize.get())
            : reply.status() == 200 ? reply.length() : OptionalLong.empty();
    return new Found(
        reply.header("x-repo-commit").filter(commit -> commit.matches("[0-9a-f]{40}")),
        etag.filter(tag -> tag.matches("[0-9a-f]{64}")),
        etag.filter(tag -> tag.matches("[0-9a-f]{40}")),
        size,
        authorized(call, Optional.empty()).following(target -> true));
  }

  private Call authorized(Call call, Optional<Link.HubFile> withinHub) {
    Call bounded =
        withinHub.isPresent() ? call.following(target -> isHub(target, withinHub.get())) : call;
    return credential.isPresent() && !anonymous ? bounded.with(credential.get()) : bounded;
  }

  /** Renamed repositories are redirected within the hub; only the last hop has the metadata. */
  private boolean isHub(URI target, Link.HubFile link) {
    Origin origin = Origin.of(target);
    boolean mirror = link.repo().mirror().map(Origin::of).equals(Optional.of(origin));
    return (origins.contains(origin) || mirror) && Url.path(target).contains("/resolve/");
  }

  private URI resolveAddress(Link.HubFile link) {
    return URI.create(
        base(link.repo())
            + "/"
            + link.repo().path()
            + "/resolve/"
            + Url.encode(link.revision())
            + "/"
            + Url.encodePath(link.path()));
  }

  private URI api(Link.Repo repo, String rest) {
    return URI.create(base(repo) + "/api/" + repo.type().apiName() + "/" + repo.id() + rest);
  }

  private String base(Link.Repo repo) {
    return repo.mirror().orElse(settings.huggingFace()).toString();
  }

  private String page(Link.Repo repo) {
    return base(repo) + "/" + repo.path();
  }

  private Problem explain(Link.HubFile link, Refusal refusal, Reply reply) {
    Problem problem = explainBody(link, refusal);
    boolean missingFile = reply.header("x-error-code").equals(Optional.of("EntryNotFound"));
    return missingFile ? problem.help(otherFiles(link)) : problem;
  }

  private Problem explainBody(Link.HubFile link, Refusal refusal) {
    return HubRefusals.explain(
        refusal, link.repo(), link.revision(), link.path(), page(link.repo()), used());
  }

  private Optional<Credential> used() {
    return anonymous ? Optional.empty() : credential;
  }

  private String otherFiles(Link.HubFile link) {
    try {
      List<String> names =
          list(new Link.HubRepo(link.repo(), link.revision(), ""), new Cancellation()).stream()
              .map(file -> ((Link.HubFile) file.link()).path())
              .filter(Weights::isName)
              .limit(8)
              .toList();
      return names.isEmpty()
          ? "there are no weights in this repository"
          : "it has: " + String.join(", ", names);
    } catch (AthanorException e) {
      return "look at the files of " + page(link.repo());
    }
  }

  @Override
  public Problem explain(RemoteFile file, Refusal refusal) {
    return explainBody((Link.HubFile) file.link(), refusal);
  }

  @Override
  public String adviceForPages(RemoteFile file) {
    return "open "
        + page(((Link.HubFile) file.link()).repo())
        + " in a browser; if it asks for a login, run: athanor auth login hf";
  }

  /** Whom a token belongs to. */
  Account whoami(Secret token, String source, Cancellation cancellation) {
    Credential asked = Credential.bearer(token, Set.of(Origin.of(settings.huggingFace())), source);
    URI address = URI.create(settings.huggingFace() + "/api/whoami-v2");
    Json json =
        http.json(
            Call.get(address).with(asked),
            refusal -> HubRefusals.token(refusal, source, settings.huggingFace()),
            cancellation);
    Json access = json.get("auth").get("accessToken");
    List<String> organisations =
        json.get("orgs").items().stream().flatMap(org -> org.get("name").text().stream()).toList();
    return new Account(
        Service.HUGGING_FACE,
        json.get("name").text().orElse("unknown"),
        access.get("displayName").text(),
        access.get("role").text(),
        organisations,
        source);
  }

  private void notice(String sentence) {
    http.settings().notices().accept(sentence);
  }
}
