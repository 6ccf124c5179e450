package athanor.hub.upload;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.testkit.web.FakeHuggingFace;
import athanor.testkit.web.Token;
import athanor.testkit.web.Tokens;
import athanor.testkit.web.upload.Step;
import athanor.testkit.web.upload.UploadFaults;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is refused before anything is sent, and what is not. */
class PreflightTest extends UploadFixture {
  private UploadPermission permit(Token token, UploadRequest request) {
    return uploads(token).permit(request, cancellation);
  }

  private Problem refusal(Token token, UploadRequest request) {
    Problem problem = failure(() -> permit(token, request));
    assertThat(hub.writes()).isEmpty();
    return problem;
  }

  private static UploadRequest to(String repo) {
    return UploadRequest.to(RepoId.parse(repo), "Upload");
  }

  private static UploadRequest with(UploadRequest request, boolean createPr, String card) {
    return new UploadRequest(
        request.repo(),
        request.visibility(),
        createPr,
        request.revision(),
        request.message(),
        Optional.ofNullable(card));
  }

  @Test
  void asksForATokenBeforeItAsksTheHub() {
    Problem problem = failure(() -> uploads("X", "").permit(request(), cancellation));
    assertThat(problem.kind()).isEqualTo(Kind.NETWORK);
    assertThat(problem.help().orElse(""))
        .contains("https://huggingface.co/settings/tokens", "athanor auth login hf");
    assertThat(web.huggingFace().log()).isEmpty();
  }

  @Test
  void refusesAReadOnlyTokenByName() {
    Problem problem = refusal(Tokens.READ, request());
    assertThat(problem.what()).contains("'laptop'", "may only read");
    assertThat(problem.where()).contains("HF_TOKEN");
    assertThat(problem.help().orElse("")).contains("\"write\"", "/settings/tokens");
    assertThat(web.huggingFace().log()).hasSize(1);
  }

  @Test
  void refusesATokenOfAnotherScopeAndNamesTheScopes() {
    assertThat(refusal(Tokens.OTHER_SCOPED, request()).found())
        .contains("a fine-grained token for alice/other");
    assertThat(refusal(Tokens.ORG_SCOPED, request()).found())
        .contains("a fine-grained token for acme");
    assertThat(refusal(Tokens.USER_SCOPED, to("acme/x")).what()).contains("acme");
  }

  @Test
  void refusesAnOrganisationWhereTheUserMayOnlyRead() {
    Problem problem = refusal(Tokens.WRITE, to("readers/x"));
    assertThat(problem.what()).contains("readers");
    assertThat(problem.found()).contains("role read");
  }

  @Test
  void refusesTheNameOfSomebodyElse() {
    Problem problem = refusal(Tokens.WRITE, to("bob/x"));
    assertThat(problem.help()).contains("publish as alice/x");
  }

  @Test
  void refusesATokenThatDoesNotCount() {
    Problem problem =
        failure(() -> uploads("HF_TOKEN", "hf_withdrawn").permit(request(), cancellation));
    assertThat(problem.what()).contains("does not accept this token");
    assertThat(problem.where()).contains("HF_TOKEN");
    assertThat(hub.writes()).isEmpty();
  }

  @Test
  void clearsWhatTheTokenMayDoAndSaysSo() {
    UploadPermission own = permit(Tokens.WRITE, request());
    assertThat(own.exists()).isFalse();
    assertThat(own.isPrivate()).isTrue();
    assertThat(own.login()).contains("alice", "token 'desktop'", "HF_TOKEN", "may write");
    assertThat(permit(Tokens.USER_SCOPED, request()).login()).contains("made to write to alice");
    assertThat(permit(Tokens.WRITE, to("acme/x")).login()).contains("write of acme");
    assertThat(permit(Tokens.ORG_SCOPED, to("acme/x")).exists()).isFalse();
    existing();
    assertThat(permit(Tokens.REPO_SCOPED, request()).exists()).isTrue();
    assertThat(hub.writes()).isEmpty();
  }

  @Test
  void asksTheHubWhetherAnExistingRepositoryMayBeWrittenTo() {
    web.huggingFace().repo("club/theirs", "carol", FakeHuggingFace.Visibility.PUBLIC);
    Problem problem = refusal(Tokens.WRITE, to("club/theirs"));
    assertThat(problem.what()).contains("may not write to club/theirs");
    assertThat(problem.found().orElse("")).contains("write access");
    hub.troubles().next(Step.AUTH_CHECK, UploadFaults.refusal(404, "Not found"));
    assertThat(permit(Tokens.WRITE, to("club/theirs")).exists()).isTrue();
  }

  @Test
  void refusesAPublicRepositoryOnlyWhenAPrivateOneWasAskedFor() {
    web.huggingFace().repo(REPO, FakeHuggingFace.Visibility.PUBLIC);
    Problem problem = refusal(Tokens.WRITE, request(Visibility.PRIVATE));
    assertThat(problem.kind()).isEqualTo(Kind.USAGE);
    assertThat(problem.help().orElse("")).contains("--public");
    assertThat(permit(Tokens.WRITE, request()).isPrivate()).isFalse();
    assertThat(permit(Tokens.WRITE, request(Visibility.PUBLIC)).isPrivate()).isFalse();
  }

  @Test
  void saysThatAPrivateRepositoryStaysPrivate() {
    existing();
    assertThat(permit(Tokens.WRITE, request(Visibility.PUBLIC)).isPrivate()).isTrue();
    assertThat(notices).anyMatch(text -> text.contains("is private; it stays so"));
  }

  @Test
  void letsOnlyAPullRequestGoToSomebodyElse() {
    web.huggingFace().repo("bob/x", FakeHuggingFace.Visibility.PUBLIC);
    refusal(Tokens.WRITE, to("bob/x"));
    assertThat(permit(Tokens.WRITE, with(to("bob/x"), true, null)).exists()).isTrue();
    Problem nowhere = refusal(Tokens.WRITE, with(request(), true, null));
    assertThat(nowhere.kind()).isEqualTo(Kind.USAGE);
    refusal(Tokens.READ, with(to("bob/x"), true, null));
  }

  @Test
  void hasTheCardCheckedAndNamesItsErrors() {
    Problem problem =
        refusal(Tokens.WRITE, with(request(), false, "---\nlicense: \"x\nthis is no yaml\n---\n"));
    assertThat(problem.kind()).isEqualTo(Kind.BAD_FILE);
    assertThat(problem.found().orElse("")).contains("Invalid YAML");
    permit(Tokens.WRITE, with(request(), false, "# no front matter"));
    assertThat(notices).anyMatch(text -> text.startsWith("the model card: "));
    permit(Tokens.WRITE, with(request(), false, "---\nlicense: mit\n---\n"));
  }

  @Test
  void goesOnWhenTheCardCannotBeChecked() {
    hub.troubles().next(Step.VALIDATE, 4, UploadFaults.refusal(503, "down"));
    permit(Tokens.WRITE, with(request(), false, "# card"));
    assertThat(notices).anyMatch(text -> text.contains("card could not be checked"));
  }

  @Test
  void goesOnWithAWarningWhenTheHubDoesNotSayWhoThisIs() {
    hub.troubles().next(Step.WHOAMI, UploadFaults.tooMany(300));
    UploadPermission permission = permit(Tokens.WRITE, request());
    assertThat(permission.login()).contains("the Hub decides");
    assertThat(notices).anyMatch(text -> text.contains("HTTP 429"));
  }

  @Test
  void isPatientWithAHubInTrouble() {
    hub.troubles().next(Step.WHOAMI, UploadFaults.refusal(502, "bad gateway"));
    hub.troubles().next(Step.WHOAMI, UploadFaults.answerLost());
    assertThat(permit(Tokens.WRITE, request()).login()).contains("alice");
    hub.troubles().next(Step.WHOAMI, 20, UploadFaults.refusal(503, "down"));
    assertThat(refusal(Tokens.WRITE, request()).kind()).isEqualTo(Kind.NETWORK);
  }

  @Test
  void leavesUnknownKindsOfTokensToTheHub() {
    Token odd =
        new Token(
            "hf_odd",
            "odd",
            Token.Kind.FINE_GRAINED,
            "alice",
            Map.of(),
            List.of(new Token.Scope("user", "alice", List.of("repo.everything"))));
    web.huggingFace().tokens().add(odd);
    assertThat(permit(odd, request()).login()).contains("the Hub decides");
  }

  @Test
  void staysOfflineWhenTheNetworkIsSwitchedOff() {
    Problem problem =
        failure(() -> uploads("HF_HUB_OFFLINE", "1", "HF_TOKEN", Tokens.WRITE.secret()));
    assertThat(problem.help()).contains("unset HF_HUB_OFFLINE");
    assertThat(web.huggingFace().log()).isEmpty();
  }
}
