package athanor.testkit.web.upload;

import athanor.net.Json;
import athanor.testkit.web.Answer;
import athanor.testkit.web.Ask;
import athanor.testkit.web.Blob;
import athanor.testkit.web.Repo;
import athanor.testkit.web.Repo.Stored;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Commits: one JSON object a line, the header first. */
final class CommitRoute {
  static final String POINTER =
      "Your push was rejected because an LFS pointer pointed to a file that does not exist. For"
          + " instance, this can happen if you used git push --no-verify to push your changes."
          + " Offending file: - ";
  private static final int LARGEST_REGULAR = 10 << 20;

  private final Rights rights;
  private final StoredObjects objects;

  CommitRoute(Rights rights, StoredObjects objects) {
    this.rights = rights;
    this.objects = objects;
  }

  Answer answer(Ask ask) {
    Repo repo = rights.committable(ask);
    Repo.Commit head = rights.revision(ask, repo);
    if (!ask.header("Content-Type").orElse("").equals("application/x-ndjson")) {
      return Answer.error(400, "Expected application/x-ndjson");
    }
    ask.bytes();
    List<Json> lines = ask.seen().jsonLines();
    Json header = lines.isEmpty() ? Json.NOTHING : lines.getFirst();
    Optional<String> summary = header.get("value").get("summary").text();
    if (!header.get("key").text().equals(Optional.of("header")) || summary.isEmpty()) {
      return Answer.error(400, "\"summary\" is not allowed to be empty");
    }
    Optional<String> parent = header.get("value").get("parentCommit").text();
    boolean pullRequest = Rights.isPullRequest(ask);
    synchronized (repo) {
      if (parent.isPresent() && repo.at(parent.get()).isEmpty()) {
        return Answer.error(404, "Invalid rev id: " + parent.get())
            .with("X-Error-Code", "RevisionNotFound");
      }
      head = repo.at(ask.path("revision")).orElse(head);
      if (!pullRequest && parent.isPresent() && !parent.get().equals(head.id())) {
        return Answer.error(412, "A commit has happened since. Please refresh and try again.");
      }
      Map<String, Stored> files = new LinkedHashMap<>(head.files());
      for (Json line : lines.subList(1, lines.size())) {
        apply(line.get("key").text().orElse(""), line.get("value"), files);
      }
      return made(repo, ask.path("revision"), head, summary.get(), files, pullRequest);
    }
  }

  private Answer made(
      Repo repo,
      String revision,
      Repo.Commit head,
      String summary,
      Map<String, Stored> files,
      boolean pullRequest) {
    long number =
        repo.branches().keySet().stream().filter(name -> name.contains("pr/")).count() + 1;
    String branch = pullRequest ? "refs/pr/" + number : revision;
    Repo.Commit commit = repo.commit(branch, head, summary, files);
    String page = rights.address() + "/" + repo.id();
    String url = page + "/commit/" + commit.id();
    return pullRequest
        ? Answer.ok(
            "success",
            true,
            "commitOid",
            commit.id(),
            "commitUrl",
            url,
            "hookOutput",
            "",
            "pullRequestUrl",
            page + "/discussions/" + number)
        : Answer.ok("success", true, "commitOid", commit.id(), "commitUrl", url, "hookOutput", "");
  }

  private void apply(String key, Json value, Map<String, Stored> files) {
    String path = value.get("path").text().orElse("");
    if (!Preupload.isAllowed(path.replaceFirst("/$", ""))) {
      throw new Refused(Answer.error(400, "Invalid path in commit: " + path));
    }
    switch (key) {
      case "file" -> files.put(path, regular(path, value));
      case "lfsFile" -> files.put(path, large(path, value));
      case "deletedFile" -> files.remove(path);
      case "deletedFolder" -> files.keySet().removeIf(name -> name.startsWith(path));
      default -> throw new Refused(Answer.error(400, "Unknown operation: " + key));
    }
  }

  private static Stored regular(String path, Json value) {
    if (!value.get("encoding").text().equals(Optional.of("base64"))) {
      throw new Refused(Answer.error(400, "Expected base64: " + path));
    }
    byte[] content = Base64.getDecoder().decode(value.get("content").text().orElse(""));
    if (content.length > LARGEST_REGULAR) {
      throw new Refused(Answer.error(413, "File too large, use LFS: " + path));
    }
    List<String> errors =
        path.equals("README.md")
            ? CardCheck.errors(new String(content, StandardCharsets.UTF_8))
            : List.of();
    if (!errors.isEmpty()) {
      throw new Refused(Answer.error(400, "Invalid metadata in README.md: " + errors.getFirst()));
    }
    return new Stored(Blob.of(content), false);
  }

  private Stored large(String path, Json value) {
    String oid = value.get("oid").text().orElse("");
    long size = value.get("size").whole().orElse(-1L);
    boolean sha256 = value.get("algo").text().equals(Optional.of("sha256"));
    return objects
        .find(oid)
        .filter(blob -> sha256 && blob.size() == size)
        .map(blob -> new Stored(blob, true))
        .orElseThrow(() -> new Refused(Answer.error(400, POINTER + path)));
  }
}
