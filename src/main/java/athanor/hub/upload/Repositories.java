package athanor.hub.upload;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.net.Backoff;
import athanor.net.Json;
import athanor.net.Refusal;
import athanor.net.Reply;
import athanor.net.Url;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** What is on the Hub now. */
final class Repositories {
  private static final int LONGEST_TEXT = 4 << 20;

  private final Api api;

  Repositories(Api api) {
    this.api = api;
  }

  /**
   * A repository that exists.
   *
   * @param repo by its present name
   * @param isPrivate whether only its owner sees it
   */
  record Existing(RepoId repo, boolean isPrivate) {}

  /**
   * A file that exists.
   *
   * @param tag SHA-256 of a large file, git's SHA-1 of a small one
   * @param size of a large file
   */
  record Stored(String tag, OptionalLong size) {}

  /** The repository, if there is one that the token may see. */
  Optional<Existing> find(RepoId repo) {
    Api.Answer answer =
        api.ask(
            api.get(api.model(repo, "")),
            Repositories::isAbsence,
            refusal -> UploadRefusals.ofHub(refusal, "show the repository", repo, api.source()));
    if (answer.refusal().isPresent()) {
      return Optional.empty();
    }
    RepoId name =
        answer
            .body()
            .get("id")
            .text()
            .filter(id -> id.contains("/"))
            .map(id -> name(id, repo))
            .orElse(repo);
    return Optional.of(new Existing(name, answer.body().get("private").isTrue()));
  }

  private static RepoId name(String id, RepoId asked) {
    try {
      return RepoId.parse(id);
    } catch (AthanorException e) {
      throw UploadRefusals.malformed("a repository of an impossible name", asked).toException(e);
    }
  }

  /**
   * The Hub answers 401 and 404 for what does not exist, and for what others keep to themselves.
   */
  private static boolean isAbsence(Refusal refusal) {
    boolean badToken = refusal.text().contains("Invalid credentials");
    return refusal.status() == 404 || (refusal.status() == 401 && !badToken);
  }

  /** The newest commit of a branch. */
  String head(RepoId repo, String revision) {
    URI address = api.model(repo, "/revision/" + Url.encode(revision));
    Json json =
        api.json(
            api.get(address),
            refusal -> UploadRefusals.ofHub(refusal, "show the branch", repo, api.source()));
    return json.get("sha")
        .text()
        .orElseThrow(
            () -> UploadRefusals.malformed("a branch without a commit", repo).toException());
  }

  /** A file at a commit, if it is there. */
  Optional<Stored> stored(RepoId repo, String commit, String path) {
    try (Reply reply = look(repo, commit, path)) {
      return isThere(reply) ? Optional.of(stored(reply)) : Optional.empty();
    }
  }

  /**
   * A file at a commit that was just made; the Hub may need a moment to show it.
   *
   * @throws athanor.error.AthanorException with {@code whenMissing} if it does not
   */
  Stored awaited(RepoId repo, String commit, String path, Problem whenMissing) {
    Backoff backoff = api.backoff();
    while (true) {
      try (Reply reply = look(repo, commit, path)) {
        if (isThere(reply)) {
          return stored(reply);
        }
        backoff.failed(reply.refusal(), whenMissing);
      }
    }
  }

  private Reply look(RepoId repo, String commit, String path) {
    URI address =
        api.address("/" + repo + "/resolve/" + Url.encode(commit) + "/" + Url.encodePath(path));
    return api.fetch(
        api.head(address),
        refusal -> UploadRefusals.ofHub(refusal, "show a file", repo, api.source()));
  }

  /** A large file is shown by a redirect to the storage. */
  private static boolean isThere(Reply reply) {
    return reply.isSuccess() || reply.isRedirect();
  }

  private static Stored stored(Reply reply) {
    OptionalLong size =
        reply
            .header("x-linked-size")
            .filter(text -> text.matches("\\d{1,18}"))
            .map(text -> OptionalLong.of(Long.parseLong(text)))
            .orElse(OptionalLong.empty());
    return new Stored(tag(reply), size);
  }

  /** A small text on a branch, if it is there. */
  Optional<String> text(RepoId repo, String revision, String path) {
    URI address =
        api.address("/" + repo + "/resolve/" + Url.encode(revision) + "/" + Url.encodePath(path));
    Backoff backoff = api.backoff();
    while (true) {
      try (Reply reply =
          api.fetch(
              api.get(address).following(target -> true),
              refusal -> UploadRefusals.ofHub(refusal, "show a file", repo, api.source()))) {
        if (!reply.isSuccess()) {
          Refusal refusal = reply.refusal();
          if (isAbsence(refusal)) {
            return Optional.empty();
          }
          throw UploadRefusals.ofHub(refusal, "show a file", repo, api.source()).toException();
        }
        byte[] bytes = reply.bytes(LONGEST_TEXT + 1);
        if (bytes.length > LONGEST_TEXT) {
          throw Problem.badFile("this is too large for a text")
              .at(repo + "/" + path)
              .found("more than " + LONGEST_TEXT + " bytes")
              .toException();
        }
        return Optional.of(new String(bytes, StandardCharsets.UTF_8));
      } catch (IOException e) {
        backoff.failed(address, e);
      }
    }
  }

  private static String tag(Reply reply) {
    return reply
        .header("x-linked-etag")
        .or(() -> reply.header("etag"))
        .map(tag -> tag.replaceFirst("^W/", "").replace("\"", "").toLowerCase(Locale.ROOT))
        .orElse("");
  }
}
