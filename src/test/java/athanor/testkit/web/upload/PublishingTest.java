package athanor.testkit.web.upload;

import static athanor.testkit.web.Answer.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.testkit.web.FakeHuggingFace.Visibility;
import athanor.testkit.web.Repo;
import athanor.testkit.web.Tokens;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The fake hub must be as strict as the real one, or tests against it prove nothing. */
class PublishingTest extends PublishingFixture {
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
}
