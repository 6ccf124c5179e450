package athanor.testkit.web.upload;

import static athanor.testkit.web.Answer.object;

import athanor.net.Json;
import athanor.testkit.web.Answer;
import athanor.testkit.web.Ask;
import athanor.testkit.web.Repo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The Git-LFS protocol: batch, completion of multipart uploads, verification. */
final class LfsRoutes {
  private static final String MEDIA_TYPE = "application/vnd.git-lfs+json";

  private final Rights rights;
  private final StoredObjects objects;
  private final Receiving receiving;
  private final UploadSettings settings;
  private final Map<String, MultipartUpload> unfinished = new ConcurrentHashMap<>();
  private final Map<String, MultipartUpload> completions = new ConcurrentHashMap<>();

  LfsRoutes(Rights rights, StoredObjects objects, Receiving receiving, UploadSettings settings) {
    this.rights = rights;
    this.objects = objects;
    this.receiving = receiving;
    this.settings = settings;
  }

  Answer batch(Ask ask) {
    Repo repo = rights.writable(ask);
    if (!ask.header("Content-Type").orElse("").startsWith(MEDIA_TYPE)
        || !ask.header("Accept").orElse("").startsWith(MEDIA_TYPE)) {
      return Answer.error(415, "Expected " + MEDIA_TYPE);
    }
    Json body = ask.json();
    String algorithm = body.get("hash_algo").text().orElse("sha256");
    if (!body.get("operation").text().equals(Optional.of("upload"))
        || !List.of("sha256", "sha_256").contains(algorithm)) {
      return Answer.error(422, "Only uploads by SHA-256");
    }
    List<String> transfers =
        body.get("transfers").items().stream().flatMap(each -> each.text().stream()).toList();
    boolean multipart = settings.chunk() > 0 && transfers.contains("multipart");
    List<Json> answers = new ArrayList<>();
    for (Json wanted : body.get("objects").items()) {
      answers.add(answer(repo, wanted, multipart));
    }
    String transfer = settings.isXetOnly() ? "xet" : multipart ? "multipart" : "basic";
    Answer answer = Answer.ok("transfer", transfer, "objects", answers);
    return answer.with("Content-Type", MEDIA_TYPE);
  }

  private Json answer(Repo repo, Json wanted, boolean multipart) {
    String oid = wanted.get("oid").text().orElse("");
    long size = wanted.get("size").whole().orElse(-1L);
    String refused = settings.refused().get(oid);
    if (!oid.matches("[0-9a-f]{64}") || size < 0 || refused != null) {
      String message = refused == null ? "Object id or size is malformed" : refused;
      return object("oid", oid, "size", size, "error", object("code", 422, "message", message));
    }
    if (objects.has(oid, size)) {
      return object("oid", oid, "size", size, "authenticated", true);
    }
    Json upload = multipart && size > settings.chunk() ? parts(oid, size) : whole(oid, size);
    Json verify =
        object(
            "href",
            rights.address() + "/" + repo.id() + ".git/info/lfs/verify",
            "header",
            object());
    return object(
        "oid",
        oid,
        "size",
        size,
        "authenticated",
        true,
        "actions",
        object("upload", upload, "verify", verify));
  }

  private Json whole(String oid, long size) {
    return object(
        "href", receiving.sign(oid, size).toString(), "header", object(), "expires_in", 900);
  }

  private Json parts(String oid, long size) {
    MultipartUpload upload = settings.isSameUpload() ? unfinished.get(oid) : null;
    if (upload == null) {
      upload = receiving.begin(oid, size, settings.chunk());
      unfinished.put(oid, upload);
    }
    String completion =
        "/api/complete_multipart?uploadId=%s&bucket=fake-lfs&prefix=repos%%2F%s&expiration=%s&signature=5%%2Bf"
            .formatted(upload.id(), oid.substring(0, 2), "Thu%2C+01+Jan+2026+00%3A00%3A00+GMT");
    completions.put(completion, upload);
    Map<String, Json> header = new LinkedHashMap<>();
    header.put("chunk_size", Json.of(settings.announced(upload.chunk())));
    for (int part : settings.order(upload.parts())) {
      header.put("%05d".formatted(part), Json.of(receiving.sign(upload, part).toString()));
    }
    return object(
        "href", rights.address() + completion, "header", Json.of(header), "expires_in", 86400);
  }

  Answer complete(Ask ask) {
    MultipartUpload upload = completions.get(ask.seen().target());
    Json body = ask.json();
    if (upload == null) {
      return Answer.error(400, "NoSuchUpload");
    }
    List<Json> parts = body.get("parts").items();
    if (!body.get("oid").text().equals(Optional.of(upload.oid()))
        || parts.size() != upload.parts()) {
      return Answer.error(400, "Expected " + upload.parts() + " parts of " + upload.oid());
    }
    for (int i = 0; i < parts.size(); i++) {
      long number = parts.get(i).get("partNumber").whole().orElse(0L);
      String etag = parts.get(i).get("etag").text().orElse("");
      if (number != i + 1 || !upload.has(i + 1, etag)) {
        return Answer.error(400, "InvalidPart: " + number + " " + etag);
      }
    }
    completions.values().removeIf(upload::equals);
    unfinished.remove(upload.oid(), upload);
    if (!upload.isWhole()) {
      return Answer.error(400, "The parts are not the object " + upload.oid());
    }
    receiving.complete(
        upload.isKept()
            ? new StoredObjects.FileBlob(upload.file(), upload.size(), upload.oid())
            : new StoredObjects.Counted(upload.size(), upload.oid()));
    return Answer.ok("success", true);
  }

  Answer verify(Ask ask) {
    rights.writable(ask);
    Json body = ask.json();
    String oid = body.get("oid").text().orElse("");
    return objects.has(oid, body.get("size").whole().orElse(-1L))
        ? Answer.ok()
        : Answer.error(404, "Object " + oid + " not found");
  }
}
