package athanor.hub.upload;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.Problem;
import athanor.net.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WriteRightTest {
  private static final String USER =
      """
      {"type":"user","name":"alice","orgs":[
        {"name":"acme","roleInOrg":"write"},{"name":"Shop","roleInOrg":"contributor"},
        {"name":"club","roleInOrg":"read"},{"name":"lab","roleInOrg":"wizard"}],
       "auth":{"type":"access_token","accessToken":{"displayName":"laptop",%s}}}
      """;

  private static WriteRight right(String token, String repo) throws IOException {
    byte[] json = USER.formatted(token).getBytes(StandardCharsets.UTF_8);
    return WriteRight.of(Identity.of(Json.parse(json)), RepoId.parse(repo));
  }

  private static String fine(String global, String... scopes) {
    return "\"role\":\"fineGrained\",\"fineGrained\":{\"global\":[%s],\"scoped\":[%s]}"
        .formatted(global, String.join(",", scopes));
  }

  private static String scope(String type, String name, String permission) {
    return "{\"entity\":{\"type\":\"%s\",\"name\":\"%s\"},\"permissions\":[\"%s\"]}"
        .formatted(type, name, permission);
  }

  @Test
  void refusesATokenThatMayOnlyRead() throws IOException {
    assertThat(right("\"role\":\"read\"", "alice/x")).isEqualTo(new WriteRight.ReadOnly());
    assertThat(right("\"role\":\"read\"", "acme/x")).isEqualTo(new WriteRight.ReadOnly());
  }

  @Test
  void letsAWriteTokenWriteWhereItsOwnerMay() throws IOException {
    String write = "\"role\":\"write\"";
    assertThat(right(write, "alice/x")).isInstanceOf(WriteRight.Granted.class);
    assertThat(right(write, "Alice/x")).isInstanceOf(WriteRight.Granted.class);
    assertThat(right(write, "ACME/x")).isInstanceOf(WriteRight.Granted.class);
    assertThat(right(write, "shop/x")).isInstanceOf(WriteRight.Granted.class);
    assertThat(right(write, "club/x")).isEqualTo(new WriteRight.SmallRole("club", "read"));
    assertThat(right(write, "bob/x")).isEqualTo(new WriteRight.Foreign("alice", "bob"));
    assertThat(right(write, "lab/x")).isEqualTo(new WriteRight.Unknown());
  }

  @Test
  void readsTheScopesOfAFineGrainedToken() throws IOException {
    String own = fine("", scope("user", "alice", "repo.write"));
    assertThat(right(own, "alice/x")).isInstanceOf(WriteRight.Granted.class);
    assertThat(right(own, "acme/x")).isEqualTo(new WriteRight.OtherScope(List.of("alice")));
    String single = fine("", scope("model", "alice/y", "repo.content.write"));
    assertThat(right(single, "alice/y")).isInstanceOf(WriteRight.Granted.class);
    assertThat(right(single, "alice/x")).isEqualTo(new WriteRight.OtherScope(List.of("alice/y")));
    String reading = fine("\"discussion.write\"", scope("user", "alice", "repo.content.read"));
    assertThat(right(reading, "alice/x")).isEqualTo(new WriteRight.OtherScope(List.of()));
    String organisation = fine("", scope("org", "club", "repo.write"));
    assertThat(right(organisation, "club/x")).isEqualTo(new WriteRight.SmallRole("club", "read"));
  }

  @Test
  void leavesToTheServerWhatItDoesNotKnow() throws IOException {
    assertThat(right("\"role\":\"god\"", "alice/x")).isEqualTo(new WriteRight.Unknown());
    assertThat(right("\"x\":1", "alice/x")).isEqualTo(new WriteRight.Unknown());
    String wider = fine("", scope("user", "alice", "repo.everything"));
    assertThat(right(wider, "alice/x")).isEqualTo(new WriteRight.Unknown());
  }

  @Test
  void saysForEveryMissingRightWhereARightTokenIsMadeAndHowItGetsHere() throws IOException {
    RepoId repo = RepoId.parse("acme/x");
    List<WriteRight> missing =
        List.of(
            new WriteRight.ReadOnly(),
            new WriteRight.OtherScope(List.of("alice", "alice/y")),
            new WriteRight.OtherScope(List.of()));
    for (WriteRight right : missing) {
      Problem problem =
          TokenProblems.of(right, Optional.of("laptop"), "HF_TOKEN", repo).orElseThrow();
      assertThat(problem.kind().exitCode()).isEqualTo(5);
      assertThat(problem.what()).contains("'laptop'");
      assertThat(problem.where()).contains("HF_TOKEN");
      assertThat(problem.help().orElse(""))
          .contains("https://huggingface.co/settings/tokens", "athanor auth login hf")
          .contains("unset HF_TOKEN");
    }
    assertThat(
            TokenProblems.of(missing.get(1), Optional.empty(), "file", repo).orElseThrow().found())
        .contains("a fine-grained token for alice, alice/y");
    assertThat(TokenProblems.of(new WriteRight.Unknown(), Optional.empty(), "file", repo))
        .isEmpty();
  }
}
