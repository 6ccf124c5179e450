package athanor.hub.upload;

import athanor.error.Problem;
import athanor.net.Call;
import athanor.net.Json;
import athanor.net.Refusal;
import athanor.net.Reply;
import java.io.IOException;
import java.util.Optional;

/**
 * Everything that can be found out before the long work begins. It only asks, and sends nothing.
 */
final class Preflight {
  private final Api api;
  private final Repositories repositories;
  private final UploadRequest request;

  Preflight(Api api, UploadRequest request) {
    this.api = api;
    this.repositories = new Repositories(api);
    this.request = request;
  }

  UploadPermission check() {
    Optional<Identity> who = whoami();
    WriteRight right =
        who.map(each -> WriteRight.of(each, request.repo())).orElse(new WriteRight.Unknown());
    boolean someonesProposal = request.createPr() && right instanceof WriteRight.Foreign;
    if (!someonesProposal) {
      Optional<String> name = who.flatMap(Identity::tokenName);
      TokenProblems.of(right, name, api.source(), request.repo())
          .ifPresent(problem -> {
            throw problem.toException();
          });
    }
    Optional<Repositories.Existing> existing = repositories.find(request.repo());
    existing.ifPresentOrElse(this::judge, this::requireCreation);
    request.card().ifPresent(new CardCheck(api, request.repo())::require);
    RepoId repo = existing.map(Repositories.Existing::repo).orElse(request.repo());
    return new UploadPermission(
        request,
        repo,
        api.page(repo),
        existing.isPresent(),
        existing
            .map(Repositories.Existing::isPrivate)
            .orElse(request.visibility() != Visibility.PUBLIC),
        login(who, right));
  }

  /** Whose token it is; empty if the Hub does not want to be asked now. */
  private Optional<Identity> whoami() {
    Call call = api.get(api.address("/api/whoami-v2"));
    try (Reply reply = api.http().send(call, api.cancellation())) {
      if (reply.status() == 429) {
        api.notice("the Hub does not tell the token's rights now (HTTP 429); going on");
        return Optional.empty();
      }
      if (reply.isSuccess()) {
        return Optional.of(Identity.of(reply.json()));
      }
    } catch (IOException e) {
      // Asked again, with patience.
    }
    Json json = api.json(call, this::refusedToken);
    return Optional.of(Identity.of(json));
  }

  private Problem refusedToken(Refusal refusal) {
    return refusal.status() == 401 || refusal.status() == 403
        ? TokenProblems.refused(refusal, api.source())
        : UploadRefusals.ofHub(refusal, "say whose token this is", request.repo(), api.source());
  }

  private void judge(Repositories.Existing existing) {
    if (!existing.repo().equals(request.repo())) {
      api.notice(request.repo() + " is called " + existing.repo() + " now");
    }
    if (request.visibility() == Visibility.PRIVATE && !existing.isPrivate()) {
      throw Problem.usage("this repository exists and everybody can see it")
          .at(existing.repo().toString())
          .found("public")
          .expected("private, as asked for")
          .help("publish with --public, choose another name, or make it private in its settings")
          .toException();
    }
    if (request.visibility() == Visibility.PUBLIC && existing.isPrivate()) {
      api.notice(existing.repo() + " exists and is private; it stays so");
    }
    if (!request.createPr()) {
      requireWriting(existing.repo());
    }
  }

  /** Asks for the right itself; older servers do not know the question. */
  private void requireWriting(RepoId repo) {
    try (Reply reply =
        api.fetch(
            api.get(api.model(repo, "/auth-check/write")),
            refusal -> UploadRefusals.ofHub(refusal, "say who may write", repo, api.source()))) {
      if (reply.status() == 401 || reply.status() == 403) {
        throw UploadRefusals.ofHub(reply.refusal(), "let you write", repo, api.source())
            .toException();
      }
    }
  }

  private void requireCreation() {
    if (request.createPr()) {
      throw Problem.usage("there is no such repository to propose a change to")
          .at(request.repo().toString())
          .help("check the name, or publish without --create-pr")
          .toException();
    }
  }

  private String login(Optional<Identity> who, WriteRight right) {
    String user = who.map(Identity::name).orElse("an account whose name is not known now");
    String token =
        who.flatMap(Identity::tokenName).map(name -> "token '" + name + "'").orElse("token");
    String rights =
        switch (right) {
          case WriteRight.Granted granted -> granted.how();
          case WriteRight.Foreign _ -> "may propose";
          case WriteRight.Unknown _,
              WriteRight.ReadOnly _,
              WriteRight.OtherScope _,
              WriteRight.SmallRole _ ->
              "rights not told, the Hub decides";
        };
    return "logged in as " + user + ": " + token + " (from " + api.source() + ") " + rights;
  }
}
