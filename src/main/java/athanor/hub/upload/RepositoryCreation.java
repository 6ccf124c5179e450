package athanor.hub.upload;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.net.Backoff;
import athanor.net.Call;
import athanor.net.Content;
import athanor.net.Json;
import athanor.net.Refusal;
import athanor.net.Reply;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Makes the repository, and makes sure that nobody else can see it if nobody else shall. */
final class RepositoryCreation {
  private final Api api;
  private final Repositories repositories;

  RepositoryCreation(Api api) {
    this.api = api;
    this.repositories = new Repositories(api);
  }

  /** Returns when the repository is there as it was permitted. */
  void ensure(UploadPermission permission) {
    if (permission.exists()) {
      return;
    }
    boolean ours = create(permission);
    if (permission.isPrivate()) {
      requirePrivate(permission.repo(), ours);
    }
  }

  /** Whether it was created just now. */
  private boolean create(UploadPermission permission) {
    RepoId repo = permission.repo();
    Map<String, Json> body = new LinkedHashMap<>();
    body.put("name", Json.of(repo.name()));
    body.put("organization", Json.of(repo.namespace()));
    body.put("visibility", Json.of(permission.isPrivate() ? "private" : "public"));
    Call call = api.post(api.address("/api/repos/create"), Content.json(Json.of(body)));
    Backoff backoff = api.backoff();
    while (true) {
      try (Reply reply = api.fetch(call, refusal -> refused(refusal, repo))) {
        if (reply.isSuccess()) {
          return true;
        }
        Refusal refusal = reply.refusal();
        if (isBusy(refusal)) {
          backoff.failed(refusal, refused(refusal, repo));
        } else if (refusal.status() == 409 || exists(refusal, repo)) {
          return false;
        } else {
          throw refused(refusal, repo).toException();
        }
      }
    }
  }

  private static boolean isBusy(Refusal refusal) {
    String text = refusal.text().toLowerCase(Locale.ROOT);
    return refusal.status() == 409 && text.contains("conflicting operation");
  }

  /** A token for one repository may not create, yet write to it. */
  private boolean exists(Refusal refusal, RepoId repo) {
    return switch (refusal.status()) {
      case 401, 402, 403 -> repositories.find(repo).isPresent();
      default -> false;
    };
  }

  private Problem refused(Refusal refusal, RepoId repo) {
    return UploadRefusals.ofHub(refusal, "create the repository", repo, api.source());
  }

  /** Some servers do not understand the wish for a private repository. */
  private void requirePrivate(RepoId repo, boolean ours) {
    if (isPrivate(repo)) {
      return;
    }
    if (ours) {
      Json body = Json.of(Map.of("visibility", Json.of("private")));
      Call call = api.put(api.model(repo, "/settings"), Content.json(body));
      api.fetch(call, refusal -> refused(refusal, repo)).close();
      if (isPrivate(repo)) {
        return;
      }
    }
    throw Problem.of(Kind.NETWORK, "the repository is public although it was to be private")
        .at(repo.toString())
        .expected("private; nothing was sent")
        .help("make it private in its settings, or publish with --public")
        .toException();
  }

  private boolean isPrivate(RepoId repo) {
    Optional<Repositories.Existing> existing = repositories.find(repo);
    return existing
        .orElseThrow(() ->
            UploadRefusals.malformed("the repository just created is not there", repo)
                .toException())
        .isPrivate();
  }
}
