package athanor.testkit.web.upload;

import athanor.testkit.web.Answer;
import athanor.testkit.web.Ask;
import athanor.testkit.web.FakeHuggingFace;
import athanor.testkit.web.Repo;
import athanor.testkit.web.Token;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/** Who asks, and may they. */
final class Rights {
  private final FakeHuggingFace hub;

  Rights(FakeHuggingFace hub) {
    this.hub = hub;
  }

  FakeHuggingFace hub() {
    return hub;
  }

  URI address() {
    return hub.address();
  }

  /** Who asks; a token that counts is needed. */
  Token user(Ask ask) {
    return token(ask).orElseThrow(() -> unauthorized());
  }

  private Optional<Token> token(Ask ask) {
    Optional<String> sent = ask.header("Authorization");
    Optional<Token> token = sent.flatMap(hub.tokens()::of);
    if (sent.isPresent() && token.isEmpty()) {
      throw unauthorized();
    }
    return token;
  }

  private static Refused unauthorized() {
    return new Refused(Answer.error(401, "Invalid credentials in Authorization header"));
  }

  /** The repository of the path. */
  Repo readable(Ask ask) {
    Optional<Token> token = token(ask);
    String id = ask.path("repo");
    Optional<String> moved = hub.movedTo(id);
    if (moved.isPresent()) {
      String target = ask.seen().target().replaceFirst(Pattern.quote(id), moved.get());
      throw new Refused(Answer.status(307).with("Location", target));
    }
    return hub.find(id)
        .filter(repo -> FakeHuggingFace.mayRead(repo, token))
        .orElseThrow(() ->
            new Refused(
                Answer.error(token.isPresent() ? 404 : 401, "Repository not found")
                    .with("X-Error-Code", "RepoNotFound")));
  }

  /** The repository of the path, which the asker may change. */
  Repo writable(Ask ask) {
    Repo repo = readable(ask);
    if (!user(ask).writes(repo)) {
      throw new Refused(
          Answer.error(
              403,
              "Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request;"
                  + " you don't have write access to "
                  + repo.id()));
    }
    return repo;
  }

  /** The repository of the path, for a commit, or for a pull request, which any user may open. */
  Repo committable(Ask ask) {
    if (isPullRequest(ask)) {
      user(ask);
      return readable(ask);
    }
    return writable(ask);
  }

  static boolean isPullRequest(Ask ask) {
    return ask.query("create_pr").filter("1"::equals).isPresent();
  }

  /** A branch, pull request or commit of the path. */
  Repo.Commit revision(Ask ask, Repo repo) {
    String revision = ask.path("revision");
    return repo.at(revision)
        .orElseThrow(() ->
            new Refused(
                Answer.error(404, "Invalid rev id: " + revision)
                    .with("X-Error-Code", "RevisionNotFound")));
  }
}
