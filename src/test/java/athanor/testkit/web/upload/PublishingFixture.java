package athanor.testkit.web.upload;

import static athanor.testkit.web.Answer.object;

import athanor.net.Json;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeHuggingFace.Visibility;
import athanor.testkit.web.FakeWeb;
import athanor.testkit.web.Repo;
import athanor.testkit.web.Token;
import athanor.testkit.web.Tokens;
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
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;

/** A fake hub with a repository and a model, and requests to it as a client would send them. */
abstract class PublishingFixture {
  static final String ID = "alice/merged";
  static final long CHUNK = 100_000;

  final FakeWeb web = new FakeWeb();
  final Publishing publishing = web.publishing();
  final HttpClient client = HttpClient.newBuilder().version(Version.HTTP_1_1).build();
  final Repo repo = web.huggingFace().repo(ID, Visibility.PRIVATE);
  final byte[] model = bytes(250_001);
  final String oid = Blob.digest("SHA-256", model);

  @AfterEach
  void close() {
    client.close();
    web.close();
  }

  static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new SplittableRandom(size).nextBytes(bytes);
    return bytes;
  }

  HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(request.build(), BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  HttpRequest.Builder request(Token token, String path) {
    return HttpRequest.newBuilder(web.huggingFace().address().resolve(path))
        .header("Authorization", "Bearer " + token.secret());
  }

  HttpResponse<String> post(Token token, String path, Json body) {
    return send(
        request(token, path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(body.toBytes())));
  }

  HttpResponse<String> create(Token token, String namespace, String name) {
    return post(
        token,
        "/api/repos/create",
        object("name", name, "organization", namespace, "visibility", "private"));
  }

  static Json json(HttpResponse<String> response) {
    try {
      return Json.parse(response.body().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new AssertionError(response.toString() + response.body(), e);
    }
  }

  Json batch() {
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

  URI whole() {
    return URI.create(batch().get("href").text().orElseThrow());
  }

  static URI part(Json upload, int number) {
    return URI.create(upload.get("header").get("%05d".formatted(number)).text().orElseThrow());
  }

  BodyPublisher content(int number) {
    int from = (int) ((number - 1) * CHUNK);
    return BodyPublishers.ofByteArray(model, from, (int) Math.min(CHUNK, model.length - from));
  }

  HttpResponse<String> put(URI address, BodyPublisher body) {
    return send(HttpRequest.newBuilder(address).PUT(body));
  }

  List<String> putParts(Json upload) {
    List<String> etags = new ArrayList<>();
    for (int number : List.of(3, 1, 2)) {
      HttpResponse<String> answer = put(part(upload, number), content(number));
      etags.add(answer.headers().firstValue("ETag").orElseThrow());
    }
    etags.add(etags.removeFirst());
    return etags;
  }

  HttpResponse<String> complete(Json upload, List<String> etags) {
    List<Json> parts = new ArrayList<>();
    for (String etag : etags) {
      parts.add(object("partNumber", parts.size() + 1, "etag", etag));
    }
    URI address = URI.create(upload.get("href").text().orElseThrow());
    return send(
        HttpRequest.newBuilder(address)
            .POST(BodyPublishers.ofByteArray(object("oid", oid, "parts", parts).toBytes())));
  }

  HttpResponse<String> commit(String parent, Json... operations) {
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

  static Json header(String parent) {
    return parent.isEmpty()
        ? object("summary", "Upload")
        : object("summary", "Upload", "parentCommit", parent);
  }

  static String line(Json json) {
    return new String(json.toBytes(), StandardCharsets.UTF_8) + "\n";
  }

  Json lfsFile() {
    return object(
        "key",
        "lfsFile",
        "value",
        object("path", "m.safetensors", "algo", "sha256", "oid", oid, "size", model.length));
  }

  static Json card(String text) {
    String content = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    return object(
        "key",
        "file",
        "value",
        object("path", "README.md", "content", content, "encoding", "base64"));
  }
}
