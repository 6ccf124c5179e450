package athanor.hub.upload;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.net.Backoff;
import athanor.net.Call;
import athanor.net.Content;
import athanor.net.Json;
import athanor.net.Refusal;
import athanor.net.Reply;
import athanor.net.Url;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The one commit of an upload. Whenever it is not certain whether a commit was made, the Hub is
 * asked for what it has before anything is repeated; the parent in the request makes the Hub refuse
 * a second one.
 */
final class Commit {
  private static final int MOST_NEW_HEADS = 3;

  private final Api api;
  private final Repositories repositories;
  private final UploadPermission permission;
  private final RepoId repo;
  private final List<CommittedFile> changes;
  private String parent;
  private int newHeads;

  Commit(Api api, UploadPermission permission, List<CommittedFile> changes, String parent) {
    this.api = api;
    this.repositories = new Repositories(api);
    this.permission = permission;
    this.repo = permission.repo();
    this.changes = List.copyOf(changes);
    this.parent = parent;
  }

  /**
   * A commit that was made.
   *
   * @param oid its name
   * @param url its page
   * @param pullRequest the page of the pull request, if it is one
   */
  record Made(String oid, String url, Optional<String> pullRequest) {}

  /** The Hub misses an object that the commit names. */
  static final class MissingObject extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    MissingObject(Problem problem) {
      super(problem.line(), null, false, false);
      this.problem = problem;
    }

    Problem problem() {
      return problem;
    }
  }

  /**
   * Makes the commit, once.
   *
   * @throws MissingObject if a large file has to be sent again
   * @throws athanor.error.AthanorException of kind NETWORK if the Hub refuses, or somebody else
   *     changes the same files
   */
  Made make() {
    Backoff backoff = api.backoff();
    while (true) {
      Optional<Made> made = attempt(backoff);
      if (made.isPresent()) {
        return made.get();
      }
    }
  }

  private Optional<Made> attempt(Backoff backoff) {
    Call call = call();
    Refusal refusal;
    try (Reply reply = api.http().send(call, api.cancellation())) {
      if (reply.isSuccess()) {
        return Optional.of(made(reply.json()));
      }
      refusal = reply.refusal();
    } catch (IOException e) {
      Optional<Made> made = afterLostAnswer();
      if (made.isEmpty()) {
        backoff.failed(call.address(), e);
      }
      return made;
    }
    Problem problem = UploadRefusals.ofHub(refusal, "make the commit", repo, api.source());
    if (refusal.status() == 412) {
      return afterForeignCommit(problem);
    }
    if (refusal.isTransient()) {
      boolean notBegun = refusal.status() == 429;
      Optional<Made> made = notBegun ? Optional.empty() : afterLostAnswer();
      if (made.isEmpty()) {
        backoff.failed(refusal, problem);
      }
      return made;
    }
    if (refusal.status() == 400 && isMissingObject(refusal)) {
      throw new MissingObject(problem);
    }
    throw problem.toException();
  }

  private static boolean isMissingObject(Refusal refusal) {
    String text = refusal.text().toLowerCase(Locale.ROOT);
    return text.contains("lfs pointer") && text.contains("not exist");
  }

  private Call call() {
    UploadRequest request = permission.request();
    String proposal = request.createPr() ? "?create_pr=1" : "";
    URI address = api.model(repo, "/commit/" + Url.encode(request.revision()) + proposal);
    return api.post(address, new Content.Text("application/x-ndjson", lines()))
        .patient(api.longAnswer());
  }

  private String lines() {
    Map<String, Json> value = new LinkedHashMap<>();
    value.put("summary", Json.of(permission.request().message()));
    value.put("description", Json.of(""));
    value.put("parentCommit", Json.of(parent));
    Map<String, Json> header = new LinkedHashMap<>();
    header.put("key", Json.of("header"));
    header.put("value", Json.of(value));
    var text = new StringBuilder(line(Json.of(header)));
    changes.forEach(change -> text.append(line(change.line())));
    return text.toString();
  }

  private static String line(Json json) {
    return new String(json.toBytes(), StandardCharsets.UTF_8) + "\n";
  }

  private Made made(Json reply) {
    String oid =
        reply
            .get("commitOid")
            .text()
            .orElseThrow(
                () -> UploadRefusals.malformed("a commit without a name", repo).toException());
    return new Made(
        oid,
        reply.get("commitUrl").text().orElse(permission.page() + "/commit/" + oid),
        reply.get("pullRequestUrl").text());
  }

  private Optional<Made> afterLostAnswer() {
    if (permission.request().createPr()) {
      throw Problem.of(Kind.NETWORK, "the answer to the pull request was lost")
          .at(repo.toString())
          .help("look whether it was opened: " + permission.page() + "/discussions")
          .toException();
    }
    api.notice("the answer to the commit was lost; looking whether it was made");
    String head = repositories.head(repo, permission.request().revision());
    return head.equals(parent) ? Optional.empty() : oursAt(head);
  }

  /** The commit at the head if all our files are there as they are here. */
  private Optional<Made> oursAt(String head) {
    for (CommittedFile change : changes) {
      Optional<Repositories.Stored> stored = repositories.stored(repo, head, change.path());
      if (!stored.map(Repositories.Stored::tag).equals(Optional.of(change.tag()))) {
        return Optional.empty();
      }
    }
    return Optional.of(new Made(head, permission.page() + "/commit/" + head, Optional.empty()));
  }

  /** The branch has moved: perhaps by a commit of ours, perhaps by somebody else's. */
  private Optional<Made> afterForeignCommit(Problem problem) {
    String head = repositories.head(repo, permission.request().revision());
    Optional<Made> ours = oursAt(head);
    if (ours.isPresent()) {
      return ours;
    }
    for (CommittedFile change : changes) {
      Optional<String> before = tag(parent, change);
      Optional<String> now = tag(head, change);
      if (!before.equals(now)) {
        throw Problem.of(Kind.NETWORK, "somebody else has changed the same file meanwhile")
            .at(repo + ", " + change.path())
            .help("look at " + permission.page() + "/commits, then decide whether to publish yours")
            .toException();
      }
    }
    if (++newHeads > MOST_NEW_HEADS) {
      throw problem.help("others are busy in this repository: run again later").toException();
    }
    api.notice("the branch has moved by a commit that does not touch these files; going on");
    parent = head;
    return Optional.empty();
  }

  private Optional<String> tag(String commit, CommittedFile change) {
    return repositories.stored(repo, commit, change.path()).map(Repositories.Stored::tag);
  }
}
