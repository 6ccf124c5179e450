package athanor.testkit.web.upload;

import static athanor.testkit.web.Answer.object;

import athanor.net.Json;
import athanor.testkit.web.Answer;
import athanor.testkit.web.Ask;
import athanor.testkit.web.FakeHuggingFace.Visibility;
import athanor.testkit.web.Listings;
import athanor.testkit.web.Repo;
import athanor.testkit.web.Token;
import java.util.Map;

/** Repositories: creating them, their settings, their branches, and who may write to them. */
final class RepoRoutes {
  private final Rights rights;
  private final UploadSettings settings;

  RepoRoutes(Rights rights, UploadSettings settings) {
    this.rights = rights;
    this.settings = settings;
  }

  Answer create(Ask ask) {
    Token user = rights.user(ask);
    Json body = ask.json();
    String name = body.get("name").text().orElse("");
    String namespace = body.get("organization").text().orElse(user.user());
    if (!name.matches("[A-Za-z0-9._-]{1,96}") || !isModel(body)) {
      return Answer.error(400, "Invalid repository name or type");
    }
    if (!user.creates(namespace)) {
      return Answer.error(
          403,
          "You don't have the rights to create a model under the namespace \"" + namespace + "\"");
    }
    String id = namespace + "/" + name;
    String url = rights.address() + "/" + id;
    if (rights.hub().find(id).isPresent()) {
      String message = "You already created this model repo: " + id;
      return Answer.json(409, object("error", message, "url", url))
          .with("X-Error-Message", message);
    }
    rights.hub().repo(id, user.user(), visibility(body));
    return Answer.ok("url", url, "name", id, "id", "id-" + id);
  }

  private static boolean isModel(Json body) {
    return body.get("type").text().orElse("model").equals("model");
  }

  private Visibility visibility(Json body) {
    boolean hidden =
        body.get("private").isTrue()
            || !settings.isVisibilityIgnored()
                && body.get("visibility").text().orElse("").equals("private");
    return hidden ? Visibility.PRIVATE : Visibility.PUBLIC;
  }

  Answer info(Ask ask) {
    Repo repo = rights.readable(ask);
    return info(repo, repo.at("main").orElseThrow());
  }

  Answer infoOfRevision(Ask ask) {
    Repo repo = rights.readable(ask);
    return info(repo, rights.revision(ask, repo));
  }

  private static Answer info(Repo repo, Repo.Commit commit) {
    return new Answer(200, Map.of("Content-Type", "application/json"), Listings.info(repo, commit));
  }

  Answer settings(Ask ask) {
    Repo repo = rights.writable(ask);
    Json body = ask.json();
    boolean hidden =
        body.get("private").isTrue() || body.get("visibility").text().orElse("").equals("private");
    repo.visibility(hidden ? Visibility.PRIVATE : Visibility.PUBLIC);
    return Answer.ok("private", hidden);
  }

  Answer mayRead(Ask ask) {
    rights.readable(ask);
    return Answer.ok();
  }

  Answer mayWrite(Ask ask) {
    rights.writable(ask);
    return Answer.ok();
  }

  Answer branch(Ask ask) {
    Repo repo = rights.writable(ask);
    String branch = ask.path("revision");
    String start = ask.json().get("startingPoint").text().orElse("main");
    if (repo.branches().containsKey(branch)) {
      return Answer.error(409, "Reference already exists");
    }
    return repo.at(start)
        .map(commit -> {
          repo.branches().put(branch, commit.id());
          return Answer.ok();
        })
        .orElseGet(() ->
            Answer.error(404, "Invalid rev id: " + start).with("X-Error-Code", "RevisionNotFound"));
  }
}
