package athanor.hub.upload;

import athanor.error.Problem;
import athanor.net.Call;
import athanor.net.Content;
import athanor.net.Json;
import athanor.net.Refusal;
import athanor.net.Reply;
import athanor.net.Url;
import java.net.URI;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the Hub says before the upload: how each file is to be stored, and what is there now.
 *
 * @param head the newest commit, if it says so
 * @param files by path
 */
record Preupload(Optional<String> head, Map<String, FileAnswer> files) {
  private static final int SAMPLE = 512;
  private static final int AT_ONCE = 256;

  /**
   * What the Hub says of one file.
   *
   * @param large whether it goes to the storage
   * @param ignored whether the repository's own rules leave it out
   * @param present what names the file of this path that is there now, as {@link CommittedFile#tag}
   */
  record FileAnswer(boolean large, boolean ignored, Optional<String> present) {}

  /**
   * Asks the Hub.
   *
   * @param mayCreate whether a branch that does not exist is created
   * @throws athanor.error.AthanorException of kind NETWORK if it refuses or fails
   */
  static Preupload of(
      Api api, UploadPermission permission, List<OpenedItem> sources, boolean mayCreate) {
    Map<String, FileAnswer> files = new HashMap<>();
    Optional<String> head = Optional.empty();
    for (int from = 0; from < sources.size(); from += AT_ONCE) {
      List<OpenedItem> some = sources.subList(from, Math.min(from + AT_ONCE, sources.size()));
      Json answer = ask(api, permission, some, mayCreate);
      head = answer.get("commitOid").text().filter(oid -> oid.matches("[0-9a-f]{40}"));
      answer.get("files").items().forEach(file -> add(file, files));
      for (OpenedItem source : some) {
        if (!files.containsKey(source.path())) {
          throw UploadRefusals.malformed("nothing about " + source.path(), permission.repo())
              .toException();
        }
      }
    }
    return new Preupload(head, Map.copyOf(files));
  }

  private static void add(Json file, Map<String, FileAnswer> files) {
    files.put(
        file.get("path").text().orElse(""),
        new FileAnswer(
            file.get("uploadMode").equals(Json.of("lfs")),
            file.get("shouldIgnore").isTrue(),
            file.get("oid").text()));
  }

  private static Json ask(
      Api api, UploadPermission permission, List<OpenedItem> sources, boolean mayCreate) {
    UploadRequest request = permission.request();
    RepoId repo = permission.repo();
    String proposal = request.createPr() ? "?create_pr=1" : "";
    URI address = api.model(repo, "/preupload/" + Url.encode(request.revision()) + proposal);
    List<Json> files = sources.stream().map(Preupload::describe).toList();
    Json body = Json.of(Map.of("files", new Json.Items(files)));
    Call call = api.post(address, Content.json(body));
    boolean isMain = request.revision().equals(UploadRequest.MAIN);
    Api.Answer answer =
        api.ask(
            call,
            refusal -> mayCreate && !isMain && isMissingBranch(refusal),
            refusal -> refused(refusal, api, repo));
    if (answer.refusal().isEmpty()) {
      return answer.body();
    }
    createBranch(api, repo, request.revision());
    return api.json(call, refusal -> refused(refusal, api, repo));
  }

  private static boolean isMissingBranch(Refusal refusal) {
    return refusal.status() == 404
        && (refusal.code().equals(Optional.of("RevisionNotFound"))
            || refusal.text().contains("Invalid rev id"));
  }

  private static void createBranch(Api api, RepoId repo, String branch) {
    URI address = api.model(repo, "/branch/" + Url.encode(branch));
    Json body = Json.of(Map.of("startingPoint", Json.of(UploadRequest.MAIN)));
    Function<Refusal, Problem> refused =
        refusal -> UploadRefusals.ofHub(refusal, "create the branch " + branch, repo, api.source());
    try (Reply reply = api.fetch(api.post(address, Content.json(body)), refused)) {
      if (!reply.isSuccess() && reply.status() != 409) {
        throw refused.apply(reply.refusal()).toException();
      }
    }
    api.notice("created the branch " + branch);
  }

  private static Problem refused(Refusal refusal, Api api, RepoId repo) {
    return UploadRefusals.ofHub(refusal, "take the files", repo, api.source());
  }

  private static Json describe(OpenedItem source) {
    Map<String, Json> file = new LinkedHashMap<>();
    file.put("path", Json.of(source.path()));
    file.put("sample", Json.of(Base64.getEncoder().encodeToString(source.start(SAMPLE))));
    file.put("size", Json.of(source.size()));
    return Json.of(file);
  }
}
