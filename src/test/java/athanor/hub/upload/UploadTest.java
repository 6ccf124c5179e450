package athanor.hub.upload;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.hub.upload.Publication.Fate;
import athanor.net.Json;
import athanor.progress.Progress;
import athanor.testkit.web.FakeHuggingFace;
import athanor.testkit.web.Repo;
import athanor.testkit.web.Seen;
import athanor.testkit.web.Tokens;
import athanor.testkit.web.upload.Receipt;
import athanor.testkit.web.upload.Step;
import athanor.testkit.web.upload.UploadFaults;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Uploads in which nothing goes wrong. */
class UploadTest extends UploadFixture {
  private static final String CARD = "---\nlicense: mit\n---\n# größe\n";

  @Test
  void createsAPrivateRepositoryAndMakesOneCommitWithModelAndCard() {
    Path model = model();
    Publication done = publish(item(model), card(CARD));

    Repo repo = web.huggingFace().find(REPO).orElseThrow();
    assertThat(repo.visibility()).isEqualTo(FakeHuggingFace.Visibility.PRIVATE);
    assertThat(hub.commits(REPO)).isEqualTo(1);
    assertPublished("model.safetensors", model);
    assertThat(repo.files()).containsOnlyKeys("model.safetensors", "README.md");
    assertThat(done.commit()).contains(repo.commit());
    assertThat(done.commitUrl().orElse("")).endsWith("/commit/" + repo.commit());
    assertThat(done.files()).extracting(Publication.Published::fate).containsOnly(Fate.PUBLISHED);
    assertThat(done.files().getFirst().sha256()).contains(sha256(model));
    assertThat(done.files().getFirst().url())
        .isEqualTo(done.page() + "/blob/main/model.safetensors");
    assertThat(done.sentBytes()).isEqualTo(blob(model).size());
    assertThat(hub.receiving().received(sha256(model))).isEqualTo(blob(model).size());
    assertThat(states()).isEmpty();
  }

  @Test
  void speaksAsTheOfficialClientsDo() {
    publish(item(model()), card(CARD));

    assertThat(requests(Step.CREATE).getFirst().json())
        .isEqualTo(json("{'name':'merged','organization':'alice','visibility':'private'}"));
    Json file = requests(Step.PREUPLOAD).getFirst().json().get("files").items().getFirst();
    assertThat(((Json.Fields) file).fields()).containsOnlyKeys("path", "sample", "size");
    Seen batch = requests(Step.BATCH).getFirst();
    assertThat(batch.json().get("transfers"))
        .isEqualTo(json("{'x':['basic','multipart']}").get("x"));
    assertThat(batch.json().get("hash_algo")).isEqualTo(Json.of("sha256"));
    assertThat(batch.json().get("ref")).isEqualTo(json("{'name':'main'}"));
    Seen put = requests(Step.PUT).getFirst();
    assertThat(put.headers())
        .doesNotContainKeys("Content-type", "Transfer-encoding", "Expect", "Authorization");
    Seen commit = requests(Step.COMMIT).getFirst();
    assertThat(commit.header("Content-type")).contains("application/x-ndjson");
    List<Json> lines = commit.jsonLines();
    assertThat(lines).hasSize(3);
    assertThat(lines.getFirst().get("key")).isEqualTo(Json.of("header"));
    assertThat(lines.getFirst().get("value").get("summary")).isEqualTo(Json.of("Upload model"));
    assertThat(lines.getFirst().get("value").get("parentCommit").text().orElse("")).hasSize(40);
  }

  private static Json json(String text) {
    try {
      return Json.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Test
  void sendsEveryPartOnceOverSeveralConnections() {
    mostRequests = 200;
    hub.settings().multipart(20_000);
    hub.settings().partsReversed();
    Path model = model();
    publish(item(model));
    assertPublished("model.safetensors", model);
    assertThat(hub.receiving().receipts())
        .hasSize(51)
        .extracting(Receipt::part)
        .doesNotHaveDuplicates();
    assertThat(hub.receiving().received(sha256(model))).isEqualTo(blob(model).size());
    assertThat(requests(Step.COMPLETE)).hasSize(1);
    assertThat(requests(Step.VERIFY)).hasSize(1);
  }

  @Test
  void fitsPartsOfAnyLength() {
    Path model = model("model.safetensors", 5000, 3);
    long size = blob(model).size();
    mostRequests = 200;
    for (long chunk : new long[] {size - 1, size, size + 1, size / 2, size / 7}) {
      hub.settings().multipart(chunk);
      hub.objects().forgetAll();
      web.huggingFace().delete(REPO);
      publish(item(model));
      assertPublished("model.safetensors", model);
    }
  }

  @Test
  void sendsNothingTwiceThatIsThereAlready() {
    Path model = model();
    publish(item(model), card(CARD));
    int writes = hub.writes().size();

    Publication again = publish(item(model), card(CARD));
    assertThat(again.commit()).isEmpty();
    assertThat(again.files()).extracting(Publication.Published::fate).containsOnly(Fate.UNCHANGED);
    assertThat(hub.writes()).hasSize(writes + 1);
    assertThat(requests(Step.PREUPLOAD)).hasSize(2);

    publish(
        new UploadItem.LocalFile(model, "copy/other name.safetensors", Optional.empty()),
        card(CARD + "more"));
    assertThat(hub.commits(REPO)).isEqualTo(2);
    assertThat(requests(Step.PUT)).hasSize(1);
    assertPublished("copy/other name.safetensors", model);
  }

  @Test
  void sendsTheSameContentUnderTwoPathsOnce() {
    Path model = model();
    Publication done =
        publish(item(model), new UploadItem.LocalFile(model, "b.safetensors", Optional.empty()));
    assertThat(requests(Step.PUT)).hasSize(1);
    assertThat(done.sentBytes()).isEqualTo(blob(model).size());
    assertPublished("b.safetensors", model);
    assertPublished("model.safetensors", model);
  }

  @Test
  void believesAHashThatIsKnownAndReadsTheFileOnlyOnce() {
    Path model = model();
    var hashed = new AtomicLong();
    Progress counting =
        new Progress() {
          @Override
          public void begin(String activity, long totalBytes, int totalItems) {
            if (activity.startsWith("hashing")) {
              hashed.addAndGet(totalBytes);
            }
          }

          @Override
          public void advance(long bytes, int items) {}

          @Override
          public void end() {}
        };
    var item = new UploadItem.LocalFile(model, "model.safetensors", Optional.of(sha256(model)));
    Uploads uploads = uploads();
    UploadPermission permission = uploads.permit(request(), cancellation);
    uploads.publish(permission, List.of(item), counting, cancellation);
    assertThat(hashed).hasValue(0);
    assertPublished("model.safetensors", model);
  }

  @Test
  void countsEveryByteOfTheProgressOnceEvenIfAPartHasToBeSentAgain() {
    hub.settings().multipart(CHUNK);
    hub.troubles().part(2, UploadFaults.cutAfter(200_000));
    hub.troubles().part(3, UploadFaults.s3(500, "InternalError"));
    Path model = model();
    var total = new AtomicLong();
    var advanced = new AtomicLong();
    Progress counting =
        new Progress() {
          @Override
          public void begin(String activity, long totalBytes, int totalItems) {
            total.set(totalBytes);
            advanced.set(0);
          }

          @Override
          public void advance(long bytes, int items) {
            assertThat(bytes).isNotNegative();
            advanced.addAndGet(bytes);
          }

          @Override
          public void end() {}
        };
    Uploads uploads = uploads();
    Publication done =
        uploads.publish(
            uploads.permit(request(), cancellation), List.of(item(model)), counting, cancellation);
    assertThat(total).hasValue(blob(model).size());
    assertThat(advanced).hasValue(blob(model).size());
    assertThat(done.sentBytes()).isGreaterThan(blob(model).size());
  }

  @Test
  void keepsACardThatIsThereUnlessItIsToBeReplaced() {
    publish(card(CARD));
    Publication kept = publish(item(model()), new UploadItem.Text("README.md", "# other", true));
    assertThat(kept.files())
        .extracting(Publication.Published::fate)
        .containsExactly(Fate.PUBLISHED, Fate.KEPT);
    assertThat(hub.commits(REPO)).isEqualTo(2);
    Publication replaced = publish(card("# other"));
    assertThat(replaced.files())
        .extracting(Publication.Published::fate)
        .containsExactly(Fate.PUBLISHED);
  }

  @Test
  void publishesToABranchThatItCreates() {
    existing();
    UploadRequest usual = request();
    var request =
        new UploadRequest(
            usual.repo(), usual.visibility(), false, "next/v2", usual.message(), usual.card());
    Path model = model();
    Publication done = publish(uploads(), request, item(model));
    Repo repo = web.huggingFace().find(REPO).orElseThrow();
    assertThat(repo.at("next/v2").orElseThrow().files()).containsKey("model.safetensors");
    assertThat(repo.files()).isEmpty();
    assertThat(done.files().getFirst().url()).endsWith("/blob/next%2Fv2/model.safetensors");
  }

  @Test
  void opensAPullRequest() {
    existing();
    UploadRequest usual = request();
    var request =
        new UploadRequest(
            usual.repo(), usual.visibility(), true, "main", usual.message(), usual.card());
    Publication done = publish(uploads(), request, item(model()));
    assertThat(done.pullRequest().orElse("")).endsWith("/discussions/1");
    assertThat(web.huggingFace().find(REPO).orElseThrow().files()).isEmpty();
    assertThat(requests(Step.BATCH).getFirst().json().get("ref")).isEqualTo(Json.NOTHING);
    assertThat(requests(Step.COMMIT).getFirst().target()).endsWith("?create_pr=1");
  }

  @Test
  void plansWithoutSendingOrCreatingAnything() {
    Path model = model();
    Uploads uploads = uploads();
    UploadPermission fresh = uploads.permit(request(), cancellation);
    uploads.plan(fresh, List.of(item(model)), Progress.NONE, cancellation);
    assertThat(hub.writes()).isEmpty();
    publish(item(model));
    int writes = hub.writes().size();
    Publication plan =
        uploads.plan(
            uploads.permit(request(), cancellation),
            List.of(item(model), card("# new")),
            Progress.NONE,
            cancellation);
    assertThat(plan.files())
        .extracting(Publication.Published::fate)
        .containsExactly(Fate.UNCHANGED, Fate.PUBLISHED);
    assertThat(hub.writes()).hasSize(writes + 1);
  }

  @Test
  void publishesUnderThePresentNameOfARenamedRepository() {
    existing();
    web.huggingFace().rename("alice/old", REPO);
    UploadRequest usual = request();
    var request = UploadRequest.to(RepoId.parse("alice/old"), usual.message());
    Publication done = publish(uploads(), request, item(model()));
    assertThat(done.repo()).isEqualTo(RepoId.parse(REPO));
    assertThat(notices).anyMatch(text -> text.contains("is called " + REPO + " now"));
    assertPublished("model.safetensors", model());
  }

  @Test
  void refusesTwoFilesForOnePathBeforeItSendsAnything() {
    Path model = model();
    Problem problem = failure(() -> publish(item(model), item(model)));
    assertThat(problem.kind()).isEqualTo(Kind.USAGE);
    assertThat(hub.writes()).isEmpty();
  }

  @Test
  void publishesAnEmptyFileWithinTheCommit() throws IOException {
    Path empty = Files.createFile(home.resolve("empty.bin"));
    publish(item(empty));
    Repo.Stored stored = web.huggingFace().find(REPO).orElseThrow().files().get("empty.bin");
    assertThat(stored).isNotNull();
    assertThat(stored.blob().size()).isZero();
    assertThat(requests(Step.PUT)).isEmpty();
  }

  @Test
  void writesToARepositoryWithATokenForItAlone() {
    existing();
    Path model = model();
    publish(uploads(Tokens.REPO_SCOPED), request(), item(model));
    assertPublished("model.safetensors", model);
    assertThat(requests(Step.CREATE)).isEmpty();
  }
}
