package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.CommandLineRun;
import athanor.testkit.web.FakeHuggingFace;
import athanor.testkit.web.Repo;
import athanor.testkit.web.Tokens;
import athanor.testkit.web.upload.Publishing;
import athanor.testkit.web.upload.Step;
import athanor.testkit.web.upload.UploadFaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code push}, as people type it. */
class PushCommandTest extends LinkFixture {
  private final Publishing hub = web.publishing();
  private Path file = Path.of("");

  @BeforeEach
  void loggedIn() {
    set("HF_TOKEN", Tokens.WRITE.secret());
    file = write(lora(TO_Q), "pixel");
  }

  @AfterEach
  void noTokenLeftTheHub() {
    assertThat(hub.tokenSeenAtStorage()).isFalse();
  }

  private CommandLineRun push(String... args) {
    CommandLineRun run =
        run(Stream.concat(Stream.of("push"), Stream.of(args)).toArray(String[]::new));
    for (String token : web.huggingFace().tokens().secrets()) {
      assertThat(run.out() + run.err()).doesNotContain(token);
    }
    return run;
  }

  private Repo repo(String id) {
    return web.huggingFace().find(id).orElseThrow();
  }

  @Test
  void publishesAFileAndPrintsItsLink() {
    CommandLineRun run = push(file.toString(), "alice/pixel", "--no-card");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().strip())
        .isEqualTo(web.huggingFace().address() + "/alice/pixel/blob/main/pixel.safetensors");
    assertThat(run.err())
        .contains("new, private, branch main", "logged in as alice: token 'desktop'")
        .contains("pixel.safetensors: published", blob(file).sha256())
        .contains("/commit/" + repo("alice/pixel").commit());
    assertThat(repo("alice/pixel").visibility()).isEqualTo(FakeHuggingFace.Visibility.PRIVATE);
    assertThat(repo("alice/pixel").commits().getLast().title())
        .isEqualTo("Upload pixel.safetensors");
  }

  @Test
  void saysThatThereIsNothingToDo() {
    push(file.toString(), "alice/pixel");
    CommandLineRun again = push(file.toString(), "alice/pixel");
    assertThat(again.code()).isZero();
    assertThat(again.err()).contains("exists, private", "already there", "nothing to do");
    assertThat(hub.commits("alice/pixel")).isEqualTo(1);
  }

  @Test
  void publishesWhatPushedFilesAreFetchedBack() {
    push(file.toString(), "alice/pixel");
    CommandLineRun got = run("get", "hf:alice/pixel/pixel.safetensors", "--to", home + "/back");
    assertThat(got.code()).as(got.err()).isZero();
    assertThat(home.resolve("back/pixel.safetensors")).hasSameBinaryContentAs(file);
  }

  @Test
  void takesSeveralFilesACardAFolderAMessageAndABranch() throws IOException {
    Path other = write(lora(TO_K), "ink");
    Path card = Files.writeString(home.resolve("card.md"), "---\nlicense: mit\n---\n# Pixel\n");
    CommandLineRun run =
        push(
            file.toString(),
            other.toString(),
            "alice/pixel",
            "--public",
            "--path-in-repo",
            "loras/",
            "--message",
            "two at once",
            "--card",
            card.toString(),
            "--revision",
            "next");
    assertThat(run.code()).as(run.err()).isZero();
    Repo.Commit commit = repo("alice/pixel").at("next").orElseThrow();
    assertThat(commit.files())
        .containsOnlyKeys("loras/pixel.safetensors", "loras/ink.safetensors", "README.md");
    assertThat(commit.title()).isEqualTo("two at once");
    assertThat(repo("alice/pixel").visibility()).isEqualTo(FakeHuggingFace.Visibility.PUBLIC);
    assertThat(run.out().strip()).isEqualTo(web.huggingFace().address() + "/alice/pixel");
  }

  @Test
  void printsOneJsonObjectALine() {
    CommandLineRun run = push("--json", file.toString(), "alice/pixel");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out().lines()).hasSize(1);
    assertThat(run.out())
        .contains("\"result\":\"push\"", "\"repository\":\"alice/pixel\"")
        .contains("\"commit\":\"" + repo("alice/pixel").commit() + "\"")
        .contains("\"sha256\":\"" + blob(file).sha256() + "\"", "\"fate\":\"published\"");
  }

  @Test
  void sendsNothingInADryRun() {
    CommandLineRun run = push("--dry-run", file.toString(), "alice/pixel");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("pixel.safetensors: would be published");
    assertThat(hub.writes()).isEmpty();
    push(file.toString(), "alice/pixel");
    assertThat(push("--dry-run", file.toString(), "alice/pixel").out()).contains("already there");
    assertThat(push("--dry-run", "--json", file.toString(), "alice/pixel").out())
        .contains("\"result\":\"push plan\"");
  }

  @Test
  void refusesAReadOnlyTokenBeforeAnything() {
    set("HF_TOKEN", Tokens.READ.secret());
    CommandLineRun run = push(file.toString(), "alice/pixel");
    assertThat(run.code()).isEqualTo(5);
    assertThat(run.err())
        .contains("the token 'laptop' may only read")
        .contains("help: ", "https://huggingface.co/settings/tokens", "athanor auth login hf");
    assertThat(hub.writes()).isEmpty();
  }

  @Test
  void refusesWhatIsNoModelBeforeItAsksTheHub() throws IOException {
    Path page = Files.writeString(home.resolve("page.safetensors"), "<!DOCTYPE html><title>Log in");
    CommandLineRun run = push(page.toString(), "alice/pixel");
    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err()).contains("web page");
    assertThat(push(home.resolve("none.safetensors").toString(), "alice/x").code()).isEqualTo(4);
    assertThat(requests()).isZero();
  }

  @Test
  void refusesContradictionsAndIncompleteCommands() {
    String name = file.toString();
    assertThat(push(name, "alice/pixel", "--public", "--private").code()).isEqualTo(2);
    assertThat(push(name, "alice/pixel", "--card", "x", "--no-card").code()).isEqualTo(2);
    assertThat(push(name, name, "alice/pixel", "--path-in-repo", "one").code()).isEqualTo(2);
    assertThat(push(name, "pixel").code()).isEqualTo(2);
    assertThat(push("alice/pixel").code()).isEqualTo(2);
    assertThat(push(name, name).code()).isEqualTo(2);
    assertThat(push(name, "alice/pixel", "--path-in-repo", "../x").code()).isEqualTo(2);
    assertThat(push(name, "alice/pixel", "--revision", "a b").code()).isEqualTo(2);
    assertThat(push(name, "alice/pixel", "--message", " ").code()).isEqualTo(2);
    assertThat(push(name, "alice/pixel", "--card", home + "/none.md").code()).isEqualTo(4);
    assertThat(requests()).isZero();
  }

  @Test
  void refusesACardThatTheHubRefuses() throws IOException {
    Path card = Files.writeString(home.resolve("card.md"), "---\nno yaml\n---\n");
    CommandLineRun run = push(file.toString(), "alice/pixel", "--card", card.toString());
    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err())
        .contains("does not accept the front matter", "found the front matter is no mapping");
    assertThat(hub.writes()).isEmpty();
  }

  @Test
  void saysAfterAFailureThatTheFileIsIntactAndHowToGoOn() {
    hub.troubles().next(Step.COMMIT, UploadFaults.refusal(403, "no rights"));
    CommandLineRun run =
        push(file.toString(), "alice/pixel", "--private", "--message", "it's mine");
    assertThat(run.code()).isEqualTo(5);
    assertThat(run.err().lines().filter(line -> line.startsWith("your file is intact")))
        .singleElement()
        .isEqualTo(
            "your file is intact; what was sent is kept; to go on: athanor push "
                + file
                + " alice/pixel --private --message 'it'\\''s mine'");
    assertThat(file).exists();
    CommandLineRun again = push(file.toString(), "alice/pixel", "--private");
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(hub.requests(Step.PUT)).isEqualTo(1);
  }

  @Test
  void tellsOfEveryRetry() {
    hub.troubles().next(Step.PUT, UploadFaults.s3(500, "InternalError"));
    CommandLineRun run = push(file.toString(), "alice/pixel");
    assertThat(run.code()).isZero();
    assertThat(run.err()).contains("HTTP 500; trying again in", "(try 2 of 5)");
  }

  @Test
  void forgetsWhatIsKnownOfUnfinishedUploadsWithTheCache() throws IOException {
    Path state = home.resolve("cache/uploads/0123456789abcdef0123456789abcdef01234567.jsonl");
    Files.createDirectories(state.getParent());
    Files.writeString(state, "{}");
    assertThat(run("cache", "rm", "--all").code()).isZero();
    assertThat(state).doesNotExist();
  }
}
