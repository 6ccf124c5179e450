package athanor.hub.upload;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.net.Call;
import athanor.net.Content;
import athanor.net.Json;
import athanor.net.Refusal;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The Git LFS batch API: asks how an object is to be sent. */
final class Batch {
  static final String TYPE = "application/vnd.git-lfs+json";

  private final Api api;
  private final UploadPermission permission;

  Batch(Api api, UploadPermission permission) {
    this.api = api;
    this.permission = permission;
  }

  /**
   * How to send an object; every question may begin a new upload in the storage.
   *
   * @throws athanor.error.AthanorException of kind NETWORK if the Hub refuses the object
   */
  UploadMethod ask(String oid, InputFile file) {
    long size = file.size();
    RepoId repo = permission.repo();
    URI address = api.address("/" + repo + ".git/info/lfs/objects/batch");
    Call call = api.post(address, Content.json(question(oid, size), TYPE)).with("Accept", TYPE);
    Json answer =
        api.json(
            call,
            refusal -> UploadRefusals.ofHub(refusal, "take a large file", repo, api.source()));
    if (answer.get("transfer").equals(Json.of("xet"))) {
      throw UploadRefusals.xetOnly(repo, file.path().toString()).toException();
    }
    return answer.get("objects").items().stream()
        .filter(object -> object.get("oid").equals(Json.of(oid)))
        .findFirst()
        .map(object -> read(object, file))
        .orElseThrow(() ->
            UploadRefusals.malformed("nothing about the object that was asked for", repo)
                .toException());
  }

  private Json question(String oid, long size) {
    Map<String, Json> object = new LinkedHashMap<>();
    object.put("oid", Json.of(oid));
    object.put("size", Json.of(size));
    Map<String, Json> body = new LinkedHashMap<>();
    body.put("operation", Json.of("upload"));
    body.put("transfers", new Json.Items(List.of(Json.of("basic"), Json.of("multipart"))));
    body.put("objects", new Json.Items(List.of(Json.of(object))));
    body.put("hash_algo", Json.of("sha256"));
    if (!permission.request().createPr()) {
      body.put("ref", Json.of(Map.of("name", Json.of(permission.request().revision()))));
    }
    return Json.of(body);
  }

  private UploadMethod read(Json object, InputFile file) {
    Json error = object.get("error");
    if (error instanceof Json.Fields) {
      throw refused(error, file).toException();
    }
    Json upload = object.get("actions").get("upload");
    if (!(upload instanceof Json.Fields)) {
      return new UploadMethod.Nothing();
    }
    Optional<URI> verify = object.get("actions").get("verify").get("href").text().map(api::given);
    if (upload.get("header").get("chunk_size") instanceof Json.Nothing) {
      String href = upload.get("href").text().orElseThrow(this::malformed);
      Map<String, String> headers =
          GivenHeaders.of(upload.get("header"))
              .orElseThrow(() ->
                  UploadRefusals.malformed("headers that no request can carry", permission.repo())
                      .toException());
      return new UploadMethod.Whole(api.given(href), headers, verify);
    }
    MultipartPlan parts =
        MultipartPlan.of(upload, verify, file.size(), api::given).orElseThrow(this::malformed);
    return new UploadMethod.InParts(parts);
  }

  private RuntimeException malformed() {
    return UploadRefusals.malformed("an upload whose parts do not fit", permission.repo())
        .toException();
  }

  private Problem refused(Json error, InputFile file) {
    Problem problem =
        Problem.of(Kind.NETWORK, "the Hub does not take this file")
            .at(permission.repo().toString())
            .found(
                error.get("code").text().orElse("error")
                    + " "
                    + error.get("message").text().orElse("without a reason"));
    return error.get("message").text().orElse("").toLowerCase(Locale.ROOT).contains("xet")
        ? UploadRefusals.xetOnly(permission.repo(), file.path().toString())
        : problem.help("look at what the Hub says; nothing was published");
  }

  /**
   * Says that an object was sent.
   *
   * @throws StaleAddresses if the Hub does not find it
   */
  void verify(Optional<URI> address, String oid, long size) {
    if (address.isEmpty()) {
      return;
    }
    Map<String, Json> body = new LinkedHashMap<>();
    body.put("oid", Json.of(oid));
    body.put("size", Json.of(size));
    Call call =
        api.post(address.get(), Content.json(Json.of(body), TYPE))
            .with("Accept", TYPE)
            .patient(api.longAnswer());
    RepoId repo = permission.repo();
    try (var reply =
        api.fetch(
            call, refusal -> UploadRefusals.ofHub(refusal, "check a file", repo, api.source()))) {
      if (!reply.isSuccess()) {
        Refusal refusal = reply.refusal();
        throw new StaleAddresses(
            UploadRefusals.ofHub(refusal, "find the file it was sent", repo, api.source()));
      }
    }
  }
}
