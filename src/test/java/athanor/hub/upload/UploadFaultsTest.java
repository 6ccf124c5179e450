package athanor.hub.upload;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.testkit.web.Answer;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeHuggingFace;
import athanor.testkit.web.Repo;
import athanor.testkit.web.Tokens;
import athanor.testkit.web.upload.Step;
import athanor.testkit.web.upload.UploadFaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything that can go wrong between here and the commit. */
class UploadFaultsTest extends UploadFixture {
  private static final byte[] FOREIGN = "theirs".getBytes(StandardCharsets.UTF_8);

  private boolean troublesMayStay;

  @AfterEach
  void everyTroubleWasMet() {
    assertThat(troublesMayStay || hub.troubles().allMet()).as("every trouble was met").isTrue();
  }

  /** Publishes the model and expects exactly one commit with it. */
  private Publication published() {
    Path model = model();
    Publication done = publish(item(model));
    assertPublished("model.safetensors", model);
    long ours =
        web.huggingFace().find(REPO).orElseThrow().commits().stream()
            .filter(commit -> commit.title().equals("Upload model"))
            .count();
    assertThat(ours).as("commits of ours").isEqualTo(1);
    assertThat(states()).isEmpty();
    return done;
  }

  private long sent() {
    return hub.receiving().received(sha256(model()));
  }

  // --- the repository

  @Test
  void acceptsThatTheRepositoryCameUpMeanwhileWithOrWithoutAnAddress() {
    Uploads uploads = uploads();
    UploadPermission permission = uploads.permit(request(), cancellation);
    existing();
    uploads.publish(permission, List.of(item(model())), Progress.NONE, cancellation);
    hub.troubles().next(Step.CREATE, UploadFaults.conflictWithoutAddress());
    uploads.publish(permission, List.of(card("# x")), Progress.NONE, cancellation);
    assertThat(hub.commits(REPO)).isEqualTo(2);
  }

  @Test
  void waitsForAConflictingOperation() {
    hub.troubles().next(Step.CREATE, 2, UploadFaults.conflictingOperation());
    published();
    assertThat(requests(Step.CREATE)).hasSize(3);
  }

  @Test
  void goesOnWhenCreatingIsForbiddenAndTheRepositoryExists() {
    Uploads uploads = uploads();
    UploadPermission permission = uploads.permit(request(), cancellation);
    existing();
    hub.troubles().next(Step.CREATE, UploadFaults.refusal(403, "not in this namespace"));
    uploads.publish(permission, List.of(item(model())), Progress.NONE, cancellation);
    assertPublished("model.safetensors", model());
  }

  @Test
  void stopsWhenCreatingIsForbiddenAndThereIsNothing() {
    hub.troubles().next(Step.CREATE, UploadFaults.refusal(403, "approval is pending"));
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.found().orElse("")).contains("approval is pending");
    assertThat(problem.what()).contains("may not write to " + REPO);
    assertThat(hub.requests(Step.PREUPLOAD)).isZero();
  }

  @Test
  void createsARepositoryOnceThoughTheAnswerIsLost() {
    hub.troubles().next(Step.CREATE, UploadFaults.answerLost());
    published();
  }

  @Test
  void makesARepositoryPrivateWhereTheServerIgnoredTheWish() {
    hub.settings().ignoreVisibility();
    published();
    assertThat(web.huggingFace().find(REPO).orElseThrow().visibility())
        .isEqualTo(FakeHuggingFace.Visibility.PRIVATE);
    assertThat(requests(Step.SETTINGS)).hasSize(1);
  }

  @Test
  void sendsNothingIntoARepositoryThatStaysPublicAgainstTheWish() {
    hub.settings().ignoreVisibility();
    hub.troubles().next(Step.SETTINGS, UploadFaults.refusal(404, "Not found"));
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.what()).contains("is public although it was to be private");
    assertThat(hub.requests(Step.PREUPLOAD) + hub.requests(Step.PUT)).isZero();
  }

  @Test
  void followsARepositoryThatIsRenamedMeanwhile() {
    existing();
    Uploads uploads = uploads();
    UploadPermission permission = uploads.permit(request(), cancellation);
    Repo renamed = web.huggingFace().repo("alice/renamed", FakeHuggingFace.Visibility.PRIVATE);
    web.huggingFace().delete(REPO);
    web.huggingFace().rename(REPO, "alice/renamed");
    uploads.publish(permission, List.of(item(model())), Progress.NONE, cancellation);
    assertThat(renamed.files()).containsOnlyKeys("model.safetensors");
    assertThat(hub.commits("alice/renamed")).isEqualTo(1);
  }

  @Test
  void leavesAPublicRepositoryAloneThatCameUpMeanwhile() {
    Uploads uploads = uploads();
    UploadPermission permission = uploads.permit(request(), cancellation);
    web.huggingFace().repo(REPO, FakeHuggingFace.Visibility.PUBLIC);
    Problem problem =
        failure(
            () -> uploads.publish(permission, List.of(item(model())), Progress.NONE, cancellation));
    assertThat(problem.help().orElse("")).contains("--public");
    assertThat(requests(Step.SETTINGS)).isEmpty();
    assertThat(requests(Step.PUT)).isEmpty();
  }

  // --- the transfer in one piece

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503, 429, 408})
  void sendsAgainFromTheBeginningWhenTheStorageIsInTrouble(int status) {
    hub.troubles().next(Step.PUT, 2, UploadFaults.s3(status, "SlowDown"));
    published();
    assertThat(requests(Step.PUT)).hasSize(3);
    assertThat(requests(Step.BATCH)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RequestTimeout", "RequestTimeTooSkewed", "IncompleteBody", "BadDigest"})
  void sendsAgainOnTheCodesOfS3ThatMeanAgain(String code) {
    hub.troubles().next(Step.PUT, UploadFaults.s3(400, code));
    published();
    assertThat(requests(Step.PUT)).hasSize(2);
    assertThat(requests(Step.BATCH)).hasSize(1);
  }

  @Test
  void saysThatTheClockIsWrongWhenTheStorageKeepsSayingSo() {
    hub.troubles().next(Step.PUT, 4, UploadFaults.s3(403, "RequestTimeTooSkewed"));
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.help().orElse("")).contains("clock");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403})
  void asksForANewAddressWhenOneHasExpired(int status) {
    hub.troubles()
        .next(Step.PUT, UploadFaults.s3(status, status == 400 ? "ExpiredToken" : "AccessDenied"));
    published();
    assertThat(requests(Step.BATCH)).hasSize(2);
    assertThat(notices).anyMatch(text -> text.contains("asking the Hub for new addresses"));
  }

  @Test
  void doesNotAskForeverForNewAddresses() {
    hub.troubles().next(Step.PUT, 40, UploadFaults.s3(403, "AccessDenied"));
    troublesMayStay = true;
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.kind()).isEqualTo(Kind.NETWORK);
    assertThat(problem.found().orElse("")).contains("AccessDenied");
    assertThat(requests(Step.BATCH)).hasSize(4);
    assertThat(requests(Step.COMMIT)).isEmpty();
  }

  @Test
  void survivesACutBodyAndALostAnswer() {
    hub.troubles().next(Step.PUT, UploadFaults.cutAfter(300_000));
    hub.troubles().next(Step.PUT, UploadFaults.answerLost());
    published();
    assertThat(requests(Step.PUT)).hasSize(2);
    assertThat(sent()).isLessThan(2 * blob(model()).size());
  }

  @Test
  void givesUpOnAStorageThatStallsAndGoesOnWithAnother() {
    hub.troubles().next(Step.PUT, UploadFaults.stallAfter(100_000, Duration.ofSeconds(20)));
    Path model = model("model.safetensors", 12_000_000, 5);
    publish(item(model));
    assertPublished("model.safetensors", model);
    assertThat(notices).anyMatch(text -> text.contains("has taken no data"));
  }

  @Test
  void sendsAgainWhatTheHubDoesNotFind() {
    hub.troubles().next(Step.VERIFY, UploadFaults.refusal(404, "not there"));
    published();
    assertThat(requests(Step.BATCH)).hasSize(2);
  }

  @Test
  void namesTheReasonWhenTheHubRefusesAnObject() {
    hub.settings().refuse(sha256(model()), "this file is too large for your plan");
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.found()).contains("422 this file is too large for your plan");
    assertThat(requests(Step.PUT)).isEmpty();
  }

  @Test
  void namesTheProgramThatSpeaksXetWhereNothingElseIsAccepted() {
    hub.settings().xetOnly();
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.help().orElse("")).contains("hf upload " + REPO + " " + model());
    assertThat(requests(Step.PUT)).isEmpty();
  }

  @Test
  void quotesTheHubWhenThereIsNoRoom() {
    String text = "Private repository storage limit reached, please upgrade your plan";
    hub.troubles().next(Step.BATCH, UploadFaults.refusal(403, text));
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.what()).contains("no room");
    assertThat(problem.found().orElse("")).contains(text);
    assertThat(problem.help().orElse("")).contains("--public");
    assertThat(requests(Step.BATCH)).hasSize(1);
  }

  /** The batch answers with this address instead of the storage's. */
  private void givenAddress(String href) {
    hub.troubles()
        .next(
            Step.BATCH,
            (ask, proper) -> {
              Answer usual = proper.answer(ask);
              String body =
                  usual.body().replaceFirst("\"href\":\"[^\"]*\"", "\"href\":\"" + href + "\"");
              return new Answer(usual.status(), usual.headers(), body);
            });
  }

  @Test
  void neverUsesNorShowsAnAddressThatIsNone() {
    givenAddress("ftp://storage/x?X-Amz-Signature=1");
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.what()).contains("an address that is none");
    assertThat(requests(Step.PUT)).isEmpty();
  }

  @Test
  void staysWithItsEndpointWhenAnAnswerNamesTheUsualOne() {
    hub.troubles()
        .next(
            Step.BATCH,
            (ask, proper) -> {
              Answer usual = proper.answer(ask);
              String own = web.huggingFace().address().toString();
              String body = usual.body().replace(own, "https://huggingface.co");
              return new Answer(usual.status(), usual.headers(), body);
            });
    published();
    assertThat(requests(Step.VERIFY)).hasSize(1);
  }

  @Test
  void leavesOutWhatTheRepositoryIgnoresAndSaysSo() {
    hub.troubles()
        .next(
            Step.PREUPLOAD,
            (ask, proper) -> {
              Answer usual = proper.answer(ask);
              String body = usual.body().replace("\"shouldIgnore\":false", "\"shouldIgnore\":true");
              return new Answer(usual.status(), usual.headers(), body);
            });
    Publication done = publish(item(model()));
    assertThat(done.files())
        .extracting(Publication.Published::fate)
        .containsExactly(Publication.Fate.IGNORED);
    assertThat(notices).anyMatch(text -> text.contains(".gitignore"));
    assertThat(requests(Step.BATCH)).isEmpty();
  }

  @Test
  void namesTheTokenThatWasWithdrawnMeanwhile() {
    hub.troubles()
        .next(
            Step.VERIFY, UploadFaults.after(() -> web.huggingFace().tokens().revoke(Tokens.WRITE)));
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.what()).contains("does not accept this token");
    assertThat(problem.help().orElse("")).contains("HF_TOKEN");
    assertThat(hub.commits(REPO)).isZero();
  }

  // --- parts

  @Test
  void repeatsOnlyThePartThatFailed() {
    hub.settings().multipart(CHUNK);
    hub.troubles().part(2, UploadFaults.s3After(100_000, 500, "InternalError"));
    hub.troubles().part(3, UploadFaults.cutAfter(50_000));
    hub.troubles().part(4, UploadFaults.requestTimeout());
    published();
    assertThat(hub.receiving().received(sha256(model()), 1)).hasSize(1);
    assertThat(requests(Step.PUT)).hasSize(7);
    assertThat(requests(Step.BATCH)).hasSize(1);
  }

  @Test
  void keepsThePartsWhenNewAddressesBelongToTheSameUpload() {
    hub.settings().multipart(CHUNK);
    hub.settings().sameUploadWhenRepeated();
    hub.troubles().part(4, 2, UploadFaults.s3(403, "AccessDenied"));
    published();
    assertThat(requests(Step.BATCH)).hasSize(3);
    for (int part = 1; part <= 3; part++) {
      assertThat(hub.receiving().received(sha256(model()), part)).hasSize(1);
    }
  }

  @Test
  void sendsAllPartsAgainWhenNewAddressesBelongToAnotherUpload() {
    hub.settings().multipart(CHUNK);
    hub.troubles().part(2, UploadFaults.s3(400, "ExpiredToken"));
    published();
    assertThat(requests(Step.BATCH)).hasSize(2);
    assertThat(requests(Step.COMPLETE)).hasSize(1);
  }

  @Test
  void asksBeforeAnAddressExpiresInsteadOfTryingIt() {
    hub.settings().multipart(CHUNK);
    hub.receiving().linksExpireAfter(Duration.ofSeconds(1));
    hub.troubles()
        .next(
            Step.PUT,
            4,
            UploadFaults.after(() -> {
              hub.receiving().linksExpireAfter(Duration.ofMinutes(15));
              pause(1_100);
            }));
    Path model = model("model.safetensors", 1_500_000, 2);
    publish(item(model));
    assertPublished("model.safetensors", model);
    assertThat(requests(Step.BATCH)).hasSize(2);
    assertThat(requests(Step.PUT)).noneMatch(seen -> seen.status() == 403);
  }

  @Test
  void givesUpWithAReasonWhenTheAddressesNeverLastLongEnough() {
    mostRequests = 120;
    hub.settings().multipart(100_000);
    hub.troubles().part(11, 40, UploadFaults.s3(403, "AccessDenied"));
    troublesMayStay = true;
    stateMayStay = true;
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.what()).contains("part 11 of 11");
    assertThat(requests(Step.BATCH)).hasSize(4);
  }

  @Test
  void doesNotCompleteAnUploadOfWhichAPartHasNoEtag() {
    hub.settings().multipart(CHUNK);
    hub.troubles().part(2, UploadFaults.without("ETag"));
    stateMayStay = true;
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.what()).contains("no ETag");
    assertThat(problem.where().orElse("")).contains("part 2 of 4");
    assertThat(requests(Step.COMPLETE)).isEmpty();
  }

  @Test
  void refusesAPlanWithoutAllParts() {
    hub.settings().multipart(CHUNK);
    hub.settings().partMissing(2);
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.what()).contains("makes no sense");
    assertThat(requests(Step.PUT)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-5", "many", "99999999999999999999", "1e6", "1000"})
  void refusesASizeOfPartsThatMakesNoSense(String announced) {
    hub.settings().multipart(CHUNK);
    hub.settings().announceChunk(announced);
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.what()).contains("makes no sense");
    assertThat(requests(Step.PUT)).isEmpty();
  }

  @Test
  void sendsEverythingAgainWhenThePartsDoNotFitTogether() {
    hub.settings().multipart(CHUNK);
    hub.settings().sameUploadWhenRepeated();
    hub.troubles().next(Step.COMPLETE, UploadFaults.refusal(400, "InvalidPart"));
    published();
    assertThat(requests(Step.PUT)).hasSize(8);
    assertThat(requests(Step.COMPLETE)).hasSize(2);
  }

  @Test
  void findsOutThatTheLostCompletionWasDone() {
    hub.settings().multipart(CHUNK);
    hub.troubles().next(Step.COMPLETE, UploadFaults.answerLost());
    published();
    assertThat(requests(Step.PUT)).hasSize(4);
  }

  @Test
  void completesAgainWhenTheHubIsInTrouble() {
    hub.settings().multipart(CHUNK);
    hub.troubles().next(Step.COMPLETE, 2, UploadFaults.refusal(503, "busy"));
    published();
    assertThat(requests(Step.PUT)).hasSize(4);
  }

  // --- the commit

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 504})
  void findsTheCommitThatTheHubSaysHasFailed(int status) {
    hub.troubles().next(Step.COMMIT, UploadFaults.doneBut(status));
    published();
    assertThat(requests(Step.COMMIT)).hasSize(1);
  }

  @Test
  void findsTheCommitWhoseAnswerWasLost() {
    hub.troubles().next(Step.COMMIT, UploadFaults.answerLost());
    Publication done = published();
    assertThat(requests(Step.COMMIT)).hasSize(1);
    assertThat(done.commit()).contains(web.huggingFace().find(REPO).orElseThrow().commit());
  }

  @Test
  void repeatsACommitThatWasNotMade() {
    hub.troubles().next(Step.COMMIT, UploadFaults.refusal(504, "timeout"));
    hub.troubles().next(Step.COMMIT, UploadFaults.cutAfter(10));
    hub.troubles().next(Step.COMMIT, UploadFaults.tooMany(1));
    published();
    assertThat(requests(Step.COMMIT)).hasSize(4);
  }

  @Test
  void makesOneCommitThoughTheFirstAttemptLandsWhileTheSecondIsOnItsWay() {
    // Refused, but made in secret right before the second attempt is looked at.
    hub.troubles().next(Step.COMMIT, UploadFaults.refusal(504, "timeout"));
    hub.troubles()
        .next(
            Step.COMMIT,
            (ask, proper) -> {
              proper.answer(ask);
              return proper.answer(ask);
            });
    published();
    assertThat(requests(Step.COMMIT)).hasSize(2);
  }

  private Consumer<Repo> theirs(String path) {
    return repo -> hub.foreignCommit(repo, path, FOREIGN);
  }

  private void beforeCommit(Consumer<Repo> event, int times) {
    hub.troubles()
        .next(
            Step.COMMIT,
            times,
            UploadFaults.before(() -> event.accept(web.huggingFace().find(REPO).orElseThrow())));
  }

  @Test
  void goesOnFromTheNewHeadWhenOthersCommittedOtherFiles() {
    beforeCommit(theirs("other.txt"), 1);
    published();
    assertThat(requests(Step.COMMIT)).hasSize(2);
    Repo repo = web.huggingFace().find(REPO).orElseThrow();
    assertThat(repo.files()).containsOnlyKeys("other.txt", "model.safetensors");
    assertThat(requests(Step.PUT)).hasSize(1);
  }

  @Test
  void stopsWhenOthersCommittedTheSameFile() {
    beforeCommit(theirs("model.safetensors"), 1);
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.what()).contains("somebody else has changed the same file");
    assertThat(problem.where().orElse("")).contains("model.safetensors");
    Repo repo = web.huggingFace().find(REPO).orElseThrow();
    assertThat(repo.files().get("model.safetensors").blob().size()).isEqualTo(FOREIGN.length);
    assertThat(requests(Step.COMMIT)).hasSize(1);
  }

  @Test
  void doesNotRaceWithABusyBranchForever() {
    var count = new AtomicLong();
    beforeCommit(repo -> hub.foreignCommit(repo, "log-" + count.incrementAndGet(), FOREIGN), 30);
    troublesMayStay = true;
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.help().orElse("")).contains("others are busy");
    assertThat(requests(Step.COMMIT)).hasSize(4);
  }

  @Test
  void sendsAnObjectAgainThatTheHubHasLost() {
    hub.settings().multipart(CHUNK);
    hub.troubles().next(Step.COMMIT, UploadFaults.before(() -> hub.objects().forgetAll()));
    published();
    assertThat(requests(Step.COMMIT)).hasSize(2);
    assertThat(requests(Step.PUT)).hasSize(8);
  }

  @Test
  void sendsAnObjectAgainOnlyOnce() {
    hub.troubles().next(Step.COMMIT, 2, UploadFaults.missingObject());
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.found().orElse("")).contains("LFS pointer");
    assertThat(requests(Step.COMMIT)).hasSize(2);
  }

  @Test
  void leavesItToTheUserToLookForAPullRequestWhoseAnswerWasLost() {
    existing();
    UploadRequest usual = request();
    var request =
        new UploadRequest(
            usual.repo(), usual.visibility(), true, "main", usual.message(), usual.card());
    hub.troubles().next(Step.COMMIT, UploadFaults.answerLost());
    Problem problem = failure(() -> publish(uploads(), request, item(model())));
    assertThat(problem.help().orElse("")).contains(REPO + "/discussions");
    assertThat(requests(Step.COMMIT)).hasSize(1);
  }

  @Test
  void quotesTheHubWhenItRefusesTheCommit() {
    hub.troubles().next(Step.COMMIT, UploadFaults.refusal(400, "Invalid metadata in README.md"));
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.found().orElse("")).contains("Invalid metadata in README.md");
    assertThat(requests(Step.COMMIT)).hasSize(1);
  }

  // --- whatever step meets trouble

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"CREATE", "PREUPLOAD", "BATCH", "PUT", "COMPLETE", "VERIFY", "COMMIT"})
  void everyStepSurvivesTroubleAndNoneIsTriedWithoutEnd(Step step) {
    hub.settings().multipart(CHUNK);
    hub.troubles().next(step, UploadFaults.refusal(503, "busy"));
    hub.troubles().next(step, UploadFaults.cutAfter(0));
    published();
    hub.troubles().next(step, 60, UploadFaults.refusal(503, "busy"));
    troublesMayStay = true;
    stateMayStay = true;
    web.huggingFace().delete(REPO);
    hub.objects().forgetAll();
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.kind()).isEqualTo(Kind.NETWORK);
    assertThat(hub.commits(REPO)).isZero();
    mostRequests = 120;
  }

  // --- this side

  @Test
  void refusesToPublishAFileThatChangedWhileItWasSent() {
    Path model = model();
    hub.troubles()
        .next(
            Step.PUT,
            UploadFaults.after(() -> {
              try {
                Files.write(model, new byte[] {1}, StandardOpenOption.APPEND);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }));
    Problem problem = failure(() -> publish(item(model)));
    assertThat(problem.kind()).isEqualTo(Kind.BAD_FILE);
    assertThat(problem.what()).contains("changed");
    assertThat(requests(Step.COMMIT)).isEmpty();
  }

  @Test
  void noticesThatAKnownHashIsWrong() {
    Path model = model();
    var item = new UploadItem.LocalFile(model, "model.safetensors", Optional.of("0".repeat(64)));
    Problem problem = failure(() -> publish(item));
    assertThat(problem.kind()).isEqualTo(Kind.NETWORK);
    assertThat(requests(Step.COMMIT)).isEmpty();
  }

  @Test
  void noticesThatTheHubShowsAnotherFileThanWasSent() {
    hub.troubles()
        .next(
            Step.COMMIT,
            (ask, proper) -> {
              var answer = proper.answer(ask);
              Repo repo = web.huggingFace().find(REPO).orElseThrow();
              repo.files().put("model.safetensors", new Repo.Stored(Blob.of(new byte[5000]), true));
              return answer;
            });
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.kind()).isEqualTo(Kind.VERIFICATION);
    assertThat(problem.expected()).contains(sha256(model()));
  }

  @Test
  void waitsAMomentForTheHubToShowWhatWasCommitted() {
    var looks = new AtomicLong();
    web.huggingFace()
        .routes()
        .add(
            "HEAD",
            "/alice/merged/resolve/{commit}/{file}",
            ask -> {
              boolean early = looks.incrementAndGet() < 3;
              return early
                  ? Answer.error(404, "not yet")
                  : Answer.status(200)
                      .with("X-Linked-Etag", "\"" + sha256(model()) + "\"")
                      .with("X-Linked-Size", Long.toString(blob(model()).size()));
            });
    published();
    assertThat(looks).hasValue(3);
  }

  @Test
  void stopsWhenCancelledAndGoesOnWithThePartsThatArrived() {
    hub.settings().multipart(CHUNK);
    hub.troubles()
        .part(
            4,
            UploadFaults.before(() -> {
              while (hub.receiving().receipts().stream()
                      .filter(each -> each.part() < 4 && each.request().status() == 200)
                      .count()
                  < 3) {
                pause(5);
              }
              pause(100);
              cancellation.request();
              pause(1_000);
            }));
    Problem problem = failure(() -> publish(item(model())));
    assertThat(problem.kind()).isEqualTo(Kind.CANCELLED);
    assertThat(states()).hasSize(1);

    Uploads again = uploads();
    var fresh = new Cancellation();
    again.publish(again.permit(request(), fresh), List.of(item(model())), Progress.NONE, fresh);
    assertPublished("model.safetensors", model());
    for (int part = 1; part <= 3; part++) {
      assertThat(hub.receiving().received(sha256(model()), part)).hasSize(1);
    }
    assertThat(requests(Step.BATCH)).hasSize(1);
    assertThat(states()).isEmpty();
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
