package athanor.hub;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.hub.upload.RepoId;
import athanor.hub.upload.UploadItem;
import athanor.hub.upload.UploadPermission;
import athanor.hub.upload.UploadRequest;
import athanor.hub.upload.Uploads;
import athanor.net.HttpSettings;
import athanor.net.Json;
import athanor.net.Secret;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.testkit.Gen;
import athanor.testkit.web.FakeServer;
import athanor.testkit.web.FakeWeb;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that answers everything a hub can be asked for, with some values replaced by what no
 * sound server sends: whatever is made of it is a result or a refusal in one sentence.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS) // Only against hanging; work is counted below.
class HostileAnswersTest {
  private static final int ROUNDS = Integer.getInteger("hostile.answers", 500);
  private static final String OID = "0123456789abcdef0123456789abcdef01234567";
  private static final String TOKEN = "hf_AToken0That1Is2Never3To4Be5Shown";
  private static final int MOST_REQUESTS = 60;
  private static final Duration MOST_CPU = Duration.ofSeconds(5);
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  @TempDir Path home;
  private final FakeServer server = new FakeServer();
  private final byte[] content = FakeWeb.safetensors(1_000, 1);
  private final List<String> said = new ArrayList<>();
  private Path model;
  private Gen gen = Gen.fixed(0);
  private int oneIn = 8;
  private int results;
  private int mostRequests;
  private final Map<String, Integer> refusals = new java.util.HashMap<>();

  @BeforeEach
  void start() throws IOException {
    model = Files.write(home.resolve("model.safetensors"), content);
    server.handle("/", this::answer);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void everyAnswerGivesAResultOrARefusalInOneSentence() {
    Gen seeds = Gen.seeded("hostile answers");
    for (int round = 0; round < ROUNDS; round++) {
      long seed = seeds.anyLong() >>> 1;
      gen = Gen.fixed(seed);
      oneIn = gen.oneOf(3, 10, 30, 100);
      check(round, seed);
    }
    System.out.println("at most " + mostRequests + " requests a round");
    assertThat(said).noneMatch(text -> text.contains(TOKEN));
    assertThat(results).as("rounds that end well").isGreaterThan(ROUNDS / 20);
    assertThat(refusals).as("different refusals").hasSizeGreaterThan(20);
  }

  private void check(int round, long seed) {
    String what = "round " + round + ", seed " + seed;
    long start = THREADS.getCurrentThreadCpuTime();
    int asked = server.log().size();
    Cancellation cancellation = new Cancellation();
    try (Hub hub = hub()) {
      work(hub, round % 8, cancellation);
      results++;
    } catch (AthanorException e) {
      said.add(e.problem() + "");
      refusals.merge(e.problem().what(), 1, Integer::sum);
      assertThat(e.problem().kind()).as(what).isNotEqualTo(Kind.BUG);
      assertThat(e.problem().line()).as(what).doesNotContain("\n", "Exception");
    } catch (RuntimeException | Error e) {
      throw new AssertionError(what, e);
    }
    assertThat(Duration.ofNanos(THREADS.getCurrentThreadCpuTime() - start))
        .as(what)
        .isLessThan(MOST_CPU);
    assertThat(server.log().size() - asked).as(what).isLessThanOrEqualTo(MOST_REQUESTS);
    mostRequests = Math.max(mostRequests, server.log().size() - asked);
  }

  private Hub hub() {
    String address = server.address().toString();
    Map<String, String> environment =
        Map.of(
            "HF_ENDPOINT", address,
            "CIVITAI_ENDPOINT", address.replace("127.0.0.1", "localhost"),
            "HF_HOME", home.resolve("hf").toString(),
            "ATHANOR_CACHE", home.resolve("cache").toString(),
            "ATHANOR_CONFIG", home.resolve("config").toString(),
            "HF_TOKEN", TOKEN);
    HubSettings settings = HubSettings.from(environment, home, said::add);
    HttpSettings impatient =
        settings
            .http()
            .with(
                new HttpSettings.Timeouts(
                    Duration.ofSeconds(2), Duration.ofSeconds(1), Duration.ofMillis(500)))
            .with(
                new HttpSettings.Retries(
                    2, Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofMillis(20), 1 << 20));
    return Hub.open(settings.with(impatient));
  }

  private void work(Hub hub, int which, Cancellation cancellation) {
    switch (which) {
      case 0 -> get(hub, "hf:alice/merged/model.safetensors", cancellation);
      case 1 -> hub.list(hub.parse("hf:alice/merged"), cancellation);
      case 2 -> get(hub, "civitai:1@2", cancellation);
      case 3 -> hub.list(hub.parse("civitai:1"), cancellation);
      case 4 -> get(hub, server.address() + "/plain/model.safetensors", cancellation);
      case 5 -> {
        hub.whoami(Service.HUGGING_FACE, cancellation);
        hub.check(Service.CIVITAI, Secret.of("a-key-of-civitai"), "your input", cancellation);
      }
      default -> publish(hub.uploads(), cancellation);
    }
  }

  private void get(Hub hub, String link, Cancellation cancellation) {
    RemoteFile file = hub.resolve(hub.parse(link), cancellation);
    if (hub.preview(file, cancellation) instanceof Preview.Opened opened) {
      try (var bytes = opened.bytes()) {
        bytes.read(0, (int) Math.min(8, bytes.size()));
      }
    }
    hub.cache().removeAll();
    hub.download(file, home.resolve("out"), Progress.NONE, cancellation);
  }

  private void publish(Uploads uploads, Cancellation cancellation) {
    UploadRequest request = UploadRequest.to(RepoId.parse("alice/merged"), "Upload");
    UploadPermission permission = uploads.permit(request, cancellation);
    uploads.requireCard("---\nlicense: mit\n---\n", permission, cancellation);
    uploads.card(permission, cancellation);
    List<UploadItem> items =
        List.of(
            new UploadItem.LocalFile(model, "model.safetensors", Optional.empty()),
            new UploadItem.Text("README.md", "text", false));
    uploads.publish(permission, items, Progress.NONE, cancellation);
  }

  private synchronized void answer(HttpExchange exchange, byte[] body) throws IOException {
    String path = exchange.getRequestURI().getPath();
    headers(path).forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
    if (path.contains("/resolve/") || path.startsWith("/plain/") || path.contains("/download/")) {
      file(exchange, path);
      return;
    }
    if (path.startsWith("/storage/")) {
      exchange.sendResponseHeaders(status(200), -1);
      return;
    }
    byte[] text = hostile(sound(path)).toBytes();
    if (odd()) {
      text = gen.bytes(gen.between(0, 300));
    } else if (odd()) {
      text =
          new String(text, StandardCharsets.UTF_8)
              .substring(text.length / 3)
              .getBytes(StandardCharsets.UTF_8);
    }
    FakeServer.send(exchange, status(200), gen.oneOf("application/json", "text/html"), text);
  }

  private void file(HttpExchange exchange, String path) throws IOException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    if (head || odd()) {
      exchange
          .getResponseHeaders()
          .set("Location", maybe(server.address() + "/plain/model.safetensors"));
      exchange.sendResponseHeaders(status(302), -1);
      return;
    }
    int status = status(exchange.getRequestHeaders().containsKey("Range") ? 206 : 200);
    exchange
        .getResponseHeaders()
        .set("Content-Range", maybe("bytes 0-" + (content.length - 1) + "/" + content.length));
    if (status == 204 || status == 304) {
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, odd() ? 0 : content.length);
    exchange.getResponseBody().write(content);
  }

  private Map<String, String> headers(String path) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("X-Repo-Commit", maybe(OID));
    headers.put("X-Linked-Size", maybe(Integer.toString(content.length)));
    headers.put("X-Linked-Etag", maybe("\"" + "a".repeat(64) + "\""));
    headers.put("ETag", maybe("\"etag-of-this\""));
    headers.put("Last-Modified", maybe("Tue, 15 Nov 1994 12:45:26 GMT"));
    if (odd()) {
      for (String name :
          List.of(
              "Retry-After",
              "RateLimit",
              "X-Error-Code",
              "X-Error-Message",
              "X-Request-Id",
              "Content-Disposition",
              "Repr-Digest",
              "Content-Encoding",
              "WWW-Authenticate")) {
        headers.put(
            name,
            maybe(gen.oneOf("1", "GatedRepo", "EntryNotFound", "attachment; filename=x", TOKEN)));
      }
    }
    return headers;
  }

  private boolean odd() {
    return gen.between(1, oneIn) == 1;
  }

  private int status(int usual) {
    return odd()
        ? gen.oneOf(
            200, 201, 202, 206, 300, 301, 304, 307, 400, 401, 402, 403, 404, 409, 410, 412, 416,
            418, 422, 429, 451, 500, 503, 599)
        : usual;
  }

  private String maybe(String sound) {
    return odd() ? hostileText().replaceAll("[\\x00-\\x1f\\x7f]", " ") : sound;
  }

  private String hostileText() {
    return gen.oneOf(
        "",
        " ",
        "\u0000",
        "a\r\nX-Evil: 1",
        "\u202e\u001b[31m",
        "\ud800",
        "../../../etc/passwd",
        "/etc/passwd",
        "file:///etc/passwd",
        "http://169.254.169.254/latest",
        "https://h:99999/",
        "http://[::1",
        "//",
        "9223372036854775807",
        "-9223372036854775808",
        "99999999999999999999999",
        "1e999999",
        "NaN",
        "%",
        "%00%0a",
        "bytes 0-0/0",
        "bytes 5-1/-3",
        "bytes */9223372036854775807",
        "Bearer " + TOKEN,
        "\"" + TOKEN + "\"",
        "x".repeat(20_000),
        "é\u65e5\ud83d\ude00",
        "con.safetensors",
        ".athanor-part",
        "xet");
  }

  /** The document with some of its values, names and items replaced. */
  private Json hostile(Json json) {
    if (odd()) {
      return hostileValue();
    }
    return switch (json) {
      case Json.Fields object -> {
        Map<String, Json> fields = new LinkedHashMap<>();
        object
            .fields()
            .forEach((name, value) -> fields.put(odd() ? hostileText() : name, hostile(value)));
        if (odd()) {
          int count = gen.oneOf(1, 200, 20_000);
          for (int i = 0; i < count; i++) {
            fields.put("f" + i, Json.of(i));
          }
        }
        yield new Json.Fields(fields);
      }
      case Json.Items items -> new Json.Items(items.values().stream().map(this::hostile).toList());
      default -> json;
    };
  }

  private Json hostileValue() {
    return switch (gen.between(0, 6)) {
      case 0 ->
          new Json.Number(
              gen.oneOf(
                  "9223372036854775807",
                  "-1",
                  "0",
                  "1e999999",
                  "0.5",
                  "-9223372036854775808",
                  "123456789012345678901234567890"));
      case 1 -> new Json.Items(List.of());
      case 2 -> new Json.Fields(Map.of());
      case 3 -> Json.NOTHING;
      case 4 -> new Json.Truth(gen.coin());
      case 5 -> new Json.Items(java.util.Collections.nCopies(2_000, Json.of(hostileText())));
      default -> Json.of(hostileText());
    };
  }

  private static Json parse(String text) {
    try {
      return Json.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException(text, e);
    }
  }

  /** What a sound server answers. */
  private Json sound(String path) {
    if (path.endsWith("/whoami-v2")) {
      return parse(
          "{'name':'alice','orgs':[{'name':'acme','roleInOrg':'write'}],'auth':{'accessToken':"
              + "{'displayName':'t','role':'write','fineGrained':{'global':['repo.write'],'scoped':"
              + "[{'entity':{'name':'alice'},'permissions':['repo.write']}]}}}}");
    }
    if (path.contains("/revision/")) {
      return parse(
          "{'sha':'%s','gated':false,'author':'alice','tags':['lora','base_model:x'],'cardData':"
                  .formatted(OID)
              + "{'license':'mit','base_model':['x'],'instance_prompt':'y'},'siblings':[{'rfilename':"
              + "'model.safetensors','size':%d,'blobId':'b','lfs':{'sha256':'%s'}}]}"
                  .formatted(content.length, "a".repeat(64)));
    }
    if (path.contains("/preupload/")) {
      return parse(
          "{'commitOid':'%s','files':[{'path':'model.safetensors','uploadMode':'lfs'},{'path':"
                  .formatted(OID)
              + "'README.md','uploadMode':'regular','oid':'x'}]}");
    }
    if (path.endsWith("/objects/batch")) {
      return batch();
    }
    if (path.contains("/commit/")) {
      return parse(
          "{'commitOid':'%s','commitUrl':'https://h/c','pullRequestUrl':'https://h/p'}"
              .formatted(OID));
    }
    if (path.contains("/model-versions/") || path.contains("/v1/models/")) {
      String version =
          "{'id':2,'modelId':1,'name':'v','baseModel':'SDXL 1.0','usageControl':'Download',"
              + "'trainedWords':['w'],'model':{'name':'m','type':'LORA','mode':null},'files':[{'id':3,"
              + "'name':'model.safetensors','sizeKB':2.0,'type':'Model','primary':true,'metadata':"
              + "{'format':'SafeTensor','fp':'fp16','size':'full'},'hashes':{}}]}";
      return parse(
          path.contains("/v1/models/")
              ? "{'id':1,'name':'m','type':'LORA','creator':{'username':'c'},'modelVersions':["
                  + version
                  + "]}"
              : version);
    }
    return parse(
        "{'id':'alice/merged','name':'alice','username':'alice','private':true,'url':'https://h/x',"
            + "'errors':[],'warnings':[{'message':'w'}]}");
  }

  private Json batch() {
    String storage = server.address() + "/storage/";
    String header =
        gen.coin()
            ? "{'x-amz-meta-a':'1','Content-Type':'a/b'}"
            : "{'chunk_size':'1000','00001':'%s1?X-Amz-Expires=900','00002':'%s2','00003':'%s3'}"
                .formatted(storage, storage, storage);
    return parse(
        "{'transfer':'basic','objects':[{'oid':'%s','size':%d,'actions':{'upload':{'href':'%sx?uploadId=u',"
                .formatted(athanor.file.Sha256.of(content), content.length, storage)
            + "'expires_in':900,'header':%s},'verify':{'href':'%s/verify'}}}]}"
                .formatted(header, server.address()));
  }
}
