package athanor.hub;

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
import java.util.Optional;
import java.util.Set;

/** Civitai: its read API and its download links. Thread-safe. */
final class Civitai implements Host {
  private static final List<String> HOSTS =
      List.of("civitai.com", "www.civitai.com", "civitai.red", "civitai.green");

  private final URI endpoint;
  private final Http http;
  private final Set<Origin> origins;
  private final Optional<Credential> credential;

  Civitai(HubSettings settings, Http http, Optional<Credentials.Token> token) {
    this.endpoint = settings.civitai();
    this.http = http;
    this.origins = new HashSet<>();
    origins.add(Origin.of(endpoint));
    // Not its sub-domains: those are storage, which refuses a request that carries a token.
    HOSTS.forEach(host -> origins.add(new Origin("https", host, 443)));
    this.credential = token.map(each -> Credential.bearer(each.secret(), origins, each.source()));
  }

  /** The files of a model's default version. */
  Listing list(Link.CivitaiModel link, Cancellation cancellation) {
    String where = "Civitai model " + link.modelId();
    Json model = api("/api/v1/models/" + link.modelId(), where, Optional.empty(), cancellation);
    Json version = model.get("modelVersions").items().stream().findFirst().orElse(Json.NOTHING);
    return CivitaiListing.of(model, version, link.selection(), Optional.empty());
  }

  /** The files of a version. */
  Listing list(Link.CivitaiVersion link, Cancellation cancellation) {
    String where = "Civitai version " + link.versionId();
    String path = "/api/v1/model-versions/" + link.versionId();
    Json version = api(path, where, link.token(), cancellation);
    return CivitaiListing.of(version.get("model"), version, link.selection(), link.token());
  }

  private Json api(String path, String where, Optional<Secret> token, Cancellation cancellation) {
    Call call = authorized(Call.get(URI.create(endpoint + path)), token);
    return http.json(
        call, refusal -> CivitaiRefusals.explain(refusal, where, used(token)), cancellation);
  }

  private Call authorized(Call call, Optional<Secret> token) {
    return used(token).map(call::with).orElse(call);
  }

  private Optional<Credential> used(Optional<Secret> token) {
    return token.map(secret -> Credential.bearer(secret, origins, "the link")).or(() -> credential);
  }

  @Override
  public Located locate(RemoteFile file, Cancellation cancellation) {
    Link.CivitaiVersion link = (Link.CivitaiVersion) file.link();
    URI address =
        URI.create(
            endpoint + "/api/download/models/" + link.versionId() + link.selection().query("?"));
    // Redirects to storage are looked at here; only the service's own API is followed blindly.
    Call call =
        authorized(Call.get(address).range(0, 0), link.token())
            .following(target -> isOurs(target) && Url.path(target).startsWith("/api/"));
    Located located = locate(file, call, cancellation);
    if (located instanceof Located.At || !isMissing(located)) {
      return located;
    }
    // A missing file can be a passing failure of the service: ask once more.
    return locate(file, call, cancellation);
  }

  private static boolean isMissing(Located located) {
    return located instanceof Located.Denied denied
        && denied.problem().found().orElse("").startsWith("HTTP 404");
  }

  private Located locate(RemoteFile file, Call call, Cancellation cancellation) {
    try (Reply reply = http.fetch(call, refusal -> explain(file, refusal), cancellation)) {
      boolean page = reply.header("content-type").orElse("").startsWith("text/html");
      if (reply.isRedirect()) {
        URI target = http.target(reply);
        return isOurs(target)
            ? new Located.Denied(CivitaiRefusals.login(file.displayName(), link(file)))
            : new Located.At(Call.get(target));
      }
      if (reply.isSuccess() && page) {
        return new Located.Denied(CivitaiRefusals.login(file.displayName(), link(file)));
      }
      return reply.isSuccess()
          ? new Located.At(
              authorized(Call.get(call.address()), ((Link.CivitaiVersion) file.link()).token()))
          : new Located.Denied(explain(file, reply.refusal()));
    }
  }

  private boolean isOurs(URI target) {
    return origins.contains(Origin.of(target));
  }

  private Optional<Credential> link(RemoteFile file) {
    return used(((Link.CivitaiVersion) file.link()).token());
  }

  @Override
  public Problem explain(RemoteFile file, Refusal refusal) {
    return isOurs(refusal.address())
        ? CivitaiRefusals.explain(refusal, file.displayName(), link(file))
        : Refusals.byStatus(file.displayName(), refusal);
  }

  @Override
  public String adviceForPages(RemoteFile file) {
    return CivitaiRefusals.LOGIN;
  }

  /** Whom a key belongs to. */
  Account whoami(Secret token, String source, Cancellation cancellation) {
    Credential asked = Credential.bearer(token, Set.of(Origin.of(endpoint)), source);
    Json json =
        http.json(
            Call.get(URI.create(endpoint + "/api/v1/me")).with(asked),
            refusal -> CivitaiRefusals.key(refusal, source),
            cancellation);
    return new Account(
        Service.CIVITAI,
        json.get("username").text().orElse("unknown"),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        source);
  }
}
