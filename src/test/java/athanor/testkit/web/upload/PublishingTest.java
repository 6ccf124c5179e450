package athanor.testkit.web.upload;

import static athanor.testkit.web.Answer.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.net.Json;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeHuggingFace.Visibility;
import athanor.testkit.web.FakeWeb;
import athanor.testkit.web.Repo;
import athanor.testkit.web.Token;
import athanor.testkit.web.Tokens;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The fake hub must be as strict as the real one, or tests against it prove nothing. */
class PublishingTest {
  private static final String ID = "alice/merged";
  private static final long CHUNK = 100_000;

  private final FakeWeb web = new FakeWeb();
  private final Publishing publishing = web.publishing();
  private final HttpClient client = HttpClient.newBuilder().version(Version.HTTP_1_1).build();
  private final Repo repo = web.huggingFace().repo(ID, Visibility.PRIVATE);
  private final byte[] model = bytes(250_001);
  private final String oid = Blob.digest("SHA-256", model);

  @AfterEach
  void close() {
    client.close();
    web.close();
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new SplittableRandom(size).nextBytes(bytes);
    return bytes;
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private HttpRequest.Builder request(Token token, String path) {
    return HttpRequest.newBuilder(web.huggingFace().address().resolve(path))
        .header("Authorization", "Bearer " + token.secret());
  }

  private HttpResponse<String> post(Token token, String path, Json body) {
    return send(
        request(token, path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(body.toBytes())));
  }

  private HttpResponse<String> create(Token token, String namespace, String name) {
    return post(
        token,
        "/api/repos/create",
        object("name", name, "organization", namespace, "visibility", "private"));
  }

  private static Json json(HttpResponse<String> response) {
    try {
      return Json.parse(response.body().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new AssertionError(response.toString() + response.body(), e);
    }
  }

  private Json batch() {
    HttpResponse<String> answer =
        send(
            request(Tokens.WRITE, "/" + ID + ".git/info/lfs/objects/batch")
                .header("Content-Type", "application/vnd.git-lfs+json")
                .header("Accept", "application/vnd.git-lfs+json")
                .POST(
                    BodyPublishers.ofByteArray(
                        object(
                                "operation",
                                "upload",
                                "transfers",
                                List.of("basic", "multipart"),
                                "objects",
                                List.of(object("oid", oid, "size", model.length)))
                            .toBytes())));
    return json(answer).get("objects").items().getFirst().get("actions").get("upload");
  }

  private URI whole() {
    return URI.create(batch().get("href").text().orElseThrow());
  }

  private static URI part(Json upload, int number) {
    return URI.create(upload.get("header").get("%05d".formatted(number)).text().orElseThrow());
  }

  private BodyPublisher content(int number) {
    int from = (int) ((number - 1) * CHUNK);
    return BodyPublishers.ofByteArray(model, from, (int) Math.min(CHUNK, model.length - from));
  }

  private HttpResponse<String> put(URI address, BodyPublisher body) {
    return send(HttpRequest.newBuilder(address).PUT(body));
  }

  private List<String> putParts(Json upload) {
    List<String> etags = new ArrayList<>();
    for (int number : List.of(3, 1, 2)) {
      HttpResponse<String> answer = put(part(upload, number), content(number));
      etags.add(answer.headers().firstValue("ETag").orElseThrow());
    }
    etags.add(etags.removeFirst());
    return etags;
  }

  private HttpResponse<String> complete(Json upload, List<String> etags) {
    List<Json> parts = new ArrayList<>();
    for (String etag : etags) {
      parts.add(object("partNumber", parts.size() + 1, "etag", etag));
    }
    URI address = URI.create(upload.get("href").text().orElseThrow());
    return send(
        HttpRequest.newBuilder(address)
            .POST(BodyPublishers.ofByteArray(object("oid", oid, "parts", parts).toBytes())));
  }

  private HttpResponse<String> commit(String parent, Json... operations) {
    var lines = new StringBuilder();
    lines.append(line(object("key", "header", "value", header(parent))));
    for (Json operation : operations) {
      lines.append(line(operation));
    }
    return send(
        request(Tokens.WRITE, "/api/models/" + ID + "/commit/main")
            .header("Content-Type", "application/x-ndjson")
            .POST(BodyPublishers.ofString(lines.toString())));
  }

  private static Json header(String parent) {
    return parent.isEmpty()
        ? object("summary", "Upload")
        : object("summary", "Upload", "parentCommit", parent);
  }

  private static String line(Json json) {
    return new String(json.toBytes(), StandardCharsets.UTF_8) + "\n";
  }

  private Json lfsFile() {
    return object(
        "key",
        "lfsFile",
        "value",
        object("path", "m.safetensors", "algo", "sha256", "oid", oid, "size", model.length));
  }

  private static Json card(String text) {
    String content = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    return object(
        "key",
        "file",
        "value",
        object("path", "README.md", "content", content, "encoding", "base64"));
  }

  @Test
  void knowsWhatEachTokenMay() {
    var hub = web.huggingFace();
    Repo bobs = hub.repo("club/of-bob", "bob", Visibility.PUBLIC);
    Repo own = hub.repo("club/of-alice", "alice", Visibility.PUBLIC);
    Repo readers = hub.repo("readers/x", "bob", Visibility.PUBLIC);

    assertThat(Tokens.WRITE.writes(repo)).isTrue();
    assertThat(Tokens.WRITE.writes(own)).isTrue();
    assertThat(Tokens.WRITE.writes(bobs)).as("a contributor").isFalse();
    assertThat(Tokens.WRITE.writes(readers)).as("a reader").isFalse();
    assertThat(Tokens.READ.writes(repo)).isFalse();
    assertThat(Tokens.BOB.writes(repo)).isFalse();
    assertThat(Tokens.USER_SCOPED.writes(repo)).isTrue();
    assertThat(Tokens.ORG_SCOPED.writes(repo)).isFalse();
    assertThat(Tokens.ORG_SCOPED.creates("acme")).isTrue();
    assertThat(Tokens.REPO_SCOPED.writes(repo)).isTrue();
    assertThat(Tokens.REPO_SCOPED.creates("alice")).isFalse();
    assertThat(Tokens.OTHER_SCOPED.writes(repo)).isFalse();
  }

  @Test
  void createsOnceAndOnlyForThoseWhoMay() {
    assertThat(create(Tokens.READ, "alice", "new").statusCode()).isEqualTo(403);
    assertThat(create(Tokens.BOB, "alice", "new").statusCode()).isEqualTo(403);
    assertThat(create(Tokens.REPO_SCOPED, "alice", "merged").statusCode()).isEqualTo(403);
    assertThat(create(Tokens.WRITE, "alice", "new").statusCode()).isEqualTo(200);
    HttpResponse<String> again = create(Tokens.WRITE, "alice", "new");

    assertThat(again.statusCode()).isEqualTo(409);
    assertThat(json(again).get("url").text().orElseThrow()).endsWith("/alice/new");
    assertThat(web.huggingFace().find("alice/new").orElseThrow().visibility())
        .isEqualTo(Visibility.PRIVATE);
  }

  @Test
  void createsAPublicRepositoryIfItDoesNotKnowVisibility() {
    publishing.settings().ignoreVisibility();
    create(Tokens.WRITE, "alice", "new");

    Repo made = web.huggingFace().find("alice/new").orElseThrow();
    assertThat(made.visibility()).isEqualTo(Visibility.PUBLIC);
    send(
        request(Tokens.WRITE, "/api/models/alice/new/settings")
            .PUT(BodyPublishers.ofString("{\"visibility\":\"private\"}")));
    assertThat(made.visibility()).isEqualTo(Visibility.PRIVATE);
  }

  @Test
  void takesAWholeObjectOnlyAsItWasSigned() {
    BodyPublisher body = BodyPublishers.ofByteArray(model);
    URI address = whole();
    String changed = address.toString().replace("%2B", "+");
    var chunked = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(model));
    var authorized = HttpRequest.newBuilder(address).header("Authorization", "Bearer x");

    assertThat(send(authorized.PUT(body)).statusCode()).isEqualTo(400);
    assertThat(put(address, chunked).body()).contains("NotImplemented");
    assertThat(put(URI.create(changed), body).body()).contains("SignatureDoesNotMatch");
    assertThat(put(address, BodyPublishers.ofByteArray(model, 1, 9)).statusCode()).isEqualTo(400);
    publishing.receiving().expireAll();
    assertThat(put(address, body).body()).contains("Request has expired");
    assertThat(publishing.objects().has(oid, model.length)).isFalse();

    assertThat(put(whole(), body).headers().firstValue("ETag").orElseThrow()).startsWith("\"");
    assertThat(publishing.objects().has(oid, model.length)).isTrue();
    assertThat(batch()).isEqualTo(Json.NOTHING);
  }

  @Test
  void refusesAnAddressWhoseTimeIsOver() {
    publishing.receiving().linksExpireAfter(Duration.ofSeconds(-1));

    assertThat(put(whole(), BodyPublishers.ofByteArray(model)).statusCode()).isEqualTo(403);
  }

  @Test
  void doesNotHaveAnObjectWhoseContentIsAnother() {
    byte[] other = model.clone();
    other[200_000] ^= 1;

    assertThat(put(whole(), BodyPublishers.ofByteArray(other)).statusCode()).isEqualTo(200);
    assertThat(publishing.objects().has(oid, model.length)).isFalse();
    assertThat(commit("", lfsFile()).statusCode()).isEqualTo(400);
  }

  @Test
  void takesPartsInAnyOrder() throws IOException {
    publishing.settings().multipart(CHUNK);
    Json upload = batch();

    assertThat(complete(upload, putParts(upload)).statusCode()).isEqualTo(200);
    var stored = new java.io.ByteArrayOutputStream();
    publishing.objects().find(oid).orElseThrow().write(stored, 0, model.length);
    assertThat(stored.toByteArray()).isEqualTo(model);
    assertThat(publishing.receiving().received(oid, 3)).containsExactly(50_001L);
    assertThat(publishing.receiving().received(oid)).isEqualTo(model.length);
  }

  @Test
  void completesOnlyWithEveryPartAndItsLastTag() {
    publishing.settings().multipart(CHUNK);
    Json upload = batch();
    List<String> etags = putParts(upload);
    List<String> bare = etags.stream().map(etag -> etag.replace("\"", "")).toList();
    List<String> swapped = List.of(etags.get(1), etags.get(0), etags.get(2));

    assertThat(complete(upload, etags.subList(0, 2)).statusCode()).isEqualTo(400);
    assertThat(complete(upload, bare).statusCode()).isEqualTo(400);
    assertThat(complete(upload, swapped).statusCode()).isEqualTo(400);
    put(part(upload, 2), content(2));
    assertThat(complete(upload, etags).statusCode()).as("an older tag").isEqualTo(400);
    assertThat(complete(upload, putParts(upload)).statusCode()).isEqualTo(200);
  }

  @Test
  void doesNotCompleteWrongContentButARepeatedPartMendsIt() {
    publishing.settings().multipart(CHUNK);
    Json upload = batch();
    List<String> etags = new ArrayList<>(putParts(upload));
    etags.set(
        0,
        put(part(upload, 1), BodyPublishers.ofByteArray(model, 1, (int) CHUNK))
            .headers()
            .firstValue("ETag")
            .orElseThrow());

    assertThat(complete(upload, etags).statusCode()).isEqualTo(400);
    Json another = batch();
    put(part(another, 1), BodyPublishers.ofByteArray(model, 1, (int) CHUNK));
    assertThat(complete(another, putParts(another)).statusCode()).isEqualTo(200);
  }

  @Test
  void givesARepeatedBatchAnotherUploadUnlessToldOtherwise() {
    publishing.settings().multipart(CHUNK);
    String first = batch().get("href").text().orElseThrow();
    assertThat(batch().get("href").text().orElseThrow()).isNotEqualTo(first);

    publishing.settings().sameUploadWhenRepeated();
    Json upload = batch();
    put(part(upload, 1), content(1));
    Json repeated = batch();
    assertThat(repeated.get("href")).isEqualTo(upload.get("href"));
    assertThat(part(repeated, 1)).as("signed anew").isNotEqualTo(part(upload, 1));
  }

  @Test
  void failsAsToldAndThenWorks() {
    publishing.settings().multipart(CHUNK);
    Json upload = batch();
    publishing.troubles().part(2, UploadFaults.requestTimeout());
    publishing.troubles().part(2, UploadFaults.cutAfter(10_000));
    publishing.troubles().part(2, UploadFaults.without("ETag"));

    assertThat(put(part(upload, 2), content(2)).body()).contains("RequestTimeout");
    assertThatThrownBy(() -> put(part(upload, 2), content(2)))
        .hasCauseInstanceOf(IOException.class);
    assertThat(put(part(upload, 2), content(2)).headers().firstValue("ETag")).isEmpty();
    assertThat(publishing.troubles().allMet()).isTrue();
    assertThat(complete(upload, putParts(upload)).statusCode()).isEqualTo(200);
  }

  @Test
  void commitsOnTheHeadOnly() {
    String before = repo.commit();
    publishing.foreignCommit(repo, "x.txt", new byte[] {1});
    put(whole(), BodyPublishers.ofByteArray(model));

    assertThat(commit(before, lfsFile()).statusCode()).isEqualTo(412);
    assertThat(commit(repo.commit(), lfsFile(), card("# Merged\n")).statusCode()).isEqualTo(200);
    assertThat(repo.files().keySet()).containsExactly("x.txt", "m.safetensors", "README.md");
    assertThat(publishing.commits(ID)).isEqualTo(2);
  }

  @Test
  void commitsThoughTheAnswerIsLostOrBad() {
    publishing.troubles().next(Step.COMMIT, UploadFaults.doneBut(504));
    assertThat(commit("", card("a")).statusCode()).isEqualTo(504);
    assertThat(publishing.commits(ID)).isEqualTo(1);
    publishing.troubles().next(Step.COMMIT, UploadFaults.answerLost());
    assertThatThrownBy(() -> commit("", card("b"))).hasCauseInstanceOf(IOException.class);
    assertThat(publishing.commits(ID)).isEqualTo(2);
  }

  @Test
  void refusesCardsThatItCannotRead() {
    for (String card :
        List.of(
            "---\ntags:\n\t- x\n---\n",
            "---\nlicense: mit\n",
            "---\n" + CardCheck.MARKER,
            "---\nx: [\n---\n")) {
      HttpResponse<String> answer =
          post(Tokens.WRITE, "/api/validate-yaml", object("content", card, "repoType", "model"));
      assertThat(answer.statusCode()).as(card).isEqualTo(400);
      assertThat(json(answer).get("errors").items()).isNotEmpty();
      assertThat(commit("", card(card)).statusCode()).as(card).isEqualTo(400);
    }
    assertThat(publishing.commits(ID)).isZero();
  }

  @Test
  void seesACredentialAtTheStorage() {
    assertThat(publishing.tokenSeenAtStorage()).isFalse();
    put(URI.create(whole() + "&token=" + Tokens.WRITE.secret()), content(1));
    assertThat(publishing.tokenSeenAtStorage()).isTrue();
  }
}
