package athanor.web;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.job.DemoFiles;
import athanor.job.session.JobSettings;
import athanor.kernel.Kernels;
import athanor.net.Json;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeHuggingFace;
import athanor.testkit.web.FakeWeb;
import athanor.testkit.web.Tokens;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links, tokens and publishing on the page, against the fake hubs. */
class LinksOnThePageTest {
  @TempDir Path home;
  private final FakeWeb web = new FakeWeb();
  private final List<String> heard = new ArrayList<>();
  private Page page;
  private PageClient client;
  private Path base;

  @BeforeEach
  void open() throws IOException {
    var files = new DemoFiles(Kernels.create(), home);
    base = files.writeBase();
    publish("alice/ink", FakeHuggingFace.Visibility.PUBLIC, files.writeDiffusersLora());
    publish("alice/hidden", FakeHuggingFace.Visibility.PRIVATE, files.writeKohyaLora());
    page = Page.open(new JobSettings(web.environment(home), home, 2), home, 0, text -> {});
    client = new PageClient(page.address());
  }

  @AfterEach
  void noTokenIsShown() {
    page.close();
    web.close();
    assertThat(heard)
        .noneMatch(text -> text.contains(Tokens.WRITE.secret()))
        .noneMatch(text -> text.contains(FakeHuggingFace.TOKEN));
  }

  private void publish(String repo, FakeHuggingFace.Visibility visibility, Path file)
      throws IOException {
    FakeHuggingFace hub = web.huggingFace();
    String name = String.valueOf(file.getFileName());
    hub.file(hub.repo(repo, visibility), name, Blob.of(Files.readAllBytes(file)));
    Files.delete(file);
  }

  private void paste(String text) {
    client.done("paste", Map.of("text", Json.of(text)));
  }

  private Json await(String field, String value) {
    Json state =
        client.await(
            now -> now.get("items").items().stream().anyMatch(item -> is(item, field, value)));
    heard.add(client.text("state"));
    return state;
  }

  private static boolean is(Json json, String field, String value) {
    return json.get(field).text().filter(value::equals).isPresent();
  }

  private Json awaitJob(String kind) {
    Json state =
        client.await(now ->
            now.get("jobs").items().stream().anyMatch(job -> is(job, "kind", kind) && isOver(job)));
    heard.add(client.text("state"));
    Json job = state.get("jobs").items().getFirst();
    assertThat(is(job, "state", "done")).as(PageClient.shown(job)).isTrue();
    return job;
  }

  private static boolean isOver(Json job) {
    return !is(job, "state", "waiting") && !is(job, "state", "running");
  }

  @Test
  void aLinkIsJudgedBeforeItIsDownloadedAndMeasuredAfterwards() {
    paste(base + "\nhf:alice/ink/demo-ink.safetensors@0.4");
    Json state =
        client.await(now -> now.get("check").get("forecast").get("bytes").size().isPresent());
    Json download = state.get("check").get("downloads").items().getFirst();
    assertThat(download.get("here").isTrue()).isFalse();
    assertThat(download.get("bytes").size()).isPresent();
    assertThat(is(state.get("analysis"), "state", "none")).isTrue();
    client.done("bake", Map.of("name", Json.of("mine")));
    Json job = awaitJob("bake");
    assertThat(job.get("made").get("command").text().orElseThrow())
        .contains("hf:alice/ink/demo-ink.safetensors@0.4");
    Json after = client.await(now -> is(now.get("analysis"), "state", "ready"));
    assertThat(after.get("check").get("downloads").items().getFirst().get("here").isTrue())
        .isTrue();
  }

  @Test
  void whatNeedsATokenIsReadOnceThereIsOne() {
    paste(base + "\nhf:alice/hidden/demo-pixel.safetensors");
    Json state = await("kind", "unreadable");
    Json problem = state.get("items").items().get(1).get("problem");
    assertThat(is(problem, "kind", "NETWORK")).isTrue();
    HttpResponse<String> wrong = login("hf_NobodyKnowsThisToken");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body()).doesNotContain("NobodyKnows");
    assertThat(login(Tokens.WRITE.secret()).statusCode()).isEqualTo(200);
    Json now = await("kind", "lora");
    assertThat(now.get("tokens").items().getFirst().get("present").isTrue()).isTrue();
    assertThat(now.get("tokens").items().get(1).get("present").isTrue()).isFalse();
  }

  private HttpResponse<String> login(String token) {
    HttpResponse<String> answer =
        client.call("login", Map.of("service", Json.of("hf"), "token", Json.of(token)));
    heard.add(answer.body());
    return answer;
  }

  @Test
  void aResultIsPublished() {
    assertThat(login(Tokens.WRITE.secret()).statusCode()).isEqualTo(200);
    paste(base + "\nhf:alice/ink/demo-ink.safetensors@0.4");
    client.await(now -> now.get("check").get("forecast").get("bytes").size().isPresent());
    client.done("bake", Map.of("name", Json.of("mine")));
    Json made = awaitJob("bake");
    for (String repo : List.of("", "no repository", "alice")) {
      assertThat(client.call("share", share(made, repo)).statusCode()).as(repo).isEqualTo(400);
    }
    client.done("share", share(made, "alice/mine"));
    Json shared = awaitJob("share");
    assertThat(is(shared.get("result"), "repository", "alice/mine")).isTrue();
    assertThat(web.huggingFace().find("alice/mine").orElseThrow().files())
        .containsKeys("mine.safetensors", "README.md");
    assertThat(web.publishing().tokenSeenAtStorage()).isFalse();
  }

  private static Map<String, Json> share(Json job, String repo) {
    return Map.of(
        "job",
        job.get("id"),
        "repo",
        Json.of(repo),
        "private",
        new Json.Truth(true),
        "license",
        Json.of("mit"));
  }
}
