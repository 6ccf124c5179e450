package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.CommandLineRun;
import athanor.testkit.web.Blob;
import athanor.testkit.web.Repo;
import athanor.testkit.web.Token;
import athanor.testkit.web.Tokens;
import athanor.testkit.web.upload.Publishing;
import athanor.testkit.web.upload.Step;
import athanor.testkit.web.upload.UploadFaults;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A merge and its upload as one command: the whole workflow. */
class PublishedMergeTest extends LinkFixture {
  private final Publishing hub = web.publishing();
  private String base = "";
  private String pixel = "";

  @BeforeEach
  void loggedIn() {
    set("HF_TOKEN", Tokens.WRITE.secret());
    base = write(base(), "base").toString();
    pixel = write(lora(TO_Q), "pixel").toString();
  }

  @AfterEach
  void noTokenLeftTheHub() {
    assertThat(hub.tokenSeenAtStorage()).isFalse();
  }

  private CommandLineRun mergeAndPush(String... more) {
    return merge(
        Stream.concat(
                Stream.of("--base", base, pixel + "@0.6", "--push", "alice/merged"),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private Repo repo() {
    return web.huggingFace().find("alice/merged").orElseThrow();
  }

  private String card() {
    Blob stored = repo().files().get("README.md").blob();
    var bytes = new ByteArrayOutputStream();
    try {
      stored.write(bytes, 0, stored.size());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void mergesFromLinksAndPublishesFileAndCardInOneCommit() {
    base = publish("bob/base", Path.of(base));
    pixel = publish("bob/pixel", Path.of(pixel));
    CommandLineRun run = mergeAndPush();
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(hub.commits("alice/merged")).isEqualTo(1);
    assertThat(repo().files()).containsOnlyKeys("out.safetensors", "README.md");
    assertThat(repo().files().get("out.safetensors").blob().sha256())
        .isEqualTo(blob(out()).sha256());
    assertThat(card())
        .contains("base_model:", "bob/base", "bob/pixel", "| 0.6 |", blob(out()).sha256());
    assertThat(run.out()).endsWith(web.huggingFace().address() + "/alice/merged\n");
  }

  @Test
  void asksForTheRightToWriteBeforeAnyInputIsLookedAt() {
    base = publish("bob/base", Path.of(base));
    for (Token token : List.of(Tokens.READ, Tokens.OTHER_SCOPED, Tokens.BOB)) {
      set("HF_TOKEN", token.secret());
      int before = web.storage().log().size();
      CommandLineRun run = mergeAndPush();
      assertThat(run.code()).isEqualTo(5);
      assertThat(run.err()).contains("help: ");
      assertThat(out()).doesNotExist();
      assertThat(hub.writes()).isEmpty();
      assertThat(web.storage().log()).hasSize(before);
    }
  }

  @Test
  void keepsTheMergedFileWhenTheUploadFailsAndNamesTheCommandThatGoesOn() {
    hub.troubles().next(Step.COMMIT, UploadFaults.refusal(403, "storage limit reached"));
    CommandLineRun run = mergeAndPush("--license", "mit");
    assertThat(run.code()).isEqualTo(5);
    assertThat(run.err())
        .contains("storage limit reached", "your file is intact")
        .contains("athanor push " + out() + " alice/merged", "--license mit");
    assertThat(out()).exists();
  }

  @Test
  void goesOnWithTheUploadWhenTheSameCommandIsGivenAgain() throws IOException {
    hub.troubles().next(Step.COMMIT, UploadFaults.refusal(403, "storage limit reached"));
    mergeAndPush();
    byte[] merged = Files.readAllBytes(out());
    CommandLineRun again = mergeAndPush();
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err()).contains("made by this very merge already");
    assertThat(Files.readAllBytes(out())).isEqualTo(merged);
    assertThat(hub.requests(Step.PUT)).as("the file is sent once").isEqualTo(1);
    assertThat(hub.commits("alice/merged")).isEqualTo(1);
  }

  @Test
  void doesNotTakeAnotherResultForItsOwn() throws IOException {
    mergeAndPush();
    for (String other : List.of(pixel + "@0.7", pixel + "@0.6,te=0.1")) {
      CommandLineRun run = merge("--base", base, other, "--push", "alice/merged");
      assertThat(run.code()).isEqualTo(2);
      assertThat(run.err()).contains("already exists", "--overwrite");
    }
    Files.setLastModifiedTime(Path.of(pixel), FileTime.from(Instant.now().plusSeconds(60)));
    assertThat(mergeAndPush().code()).isEqualTo(2);
    assertThat(hub.commits("alice/merged")).isEqualTo(1);
  }

  @Test
  void keepsTheCardThatIsThereUnlessAsked() throws IOException {
    Path own =
        Files.writeString(home.resolve("own.md"), "---\nlicense: mit\n---\n# Mine\n\nBody.\n");
    assertThat(mergeAndPush("--card", own.toString()).code()).isZero();
    mergeAndPush("--overwrite");
    assertThat(card()).isEqualTo(Files.readString(own));
    CommandLineRun updated = mergeAndPush("--overwrite", "--update-card");
    assertThat(updated.code()).as(updated.err()).isZero();
    assertThat(card()).contains("license: mit", "# Mine\n\nBody.\n", blob(out()).sha256());
  }

  @Test
  void publishesNoCardIfNoneIsWanted() {
    mergeAndPush("--no-card");
    assertThat(repo().files()).containsOnlyKeys("out.safetensors");
  }

  @Test
  void onlyAsksInADryRun() {
    CommandLineRun run = mergeAndPush("--dry-run");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("alice/merged (new, private, branch main)");
    assertThat(hub.writes()).isEmpty();
    assertThat(out()).doesNotExist();
  }

  @Test
  void refusesWordsAboutPublishingWithoutAPlace() {
    CommandLineRun run = merge("--base", base, pixel, "--public");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("no --push");
    assertThat(mergeAndPush("--no-card", "--license", "mit").code()).isEqualTo(2);
    assertThat(mergeAndPush("--license", "no-such").code()).isEqualTo(2);
  }
}
