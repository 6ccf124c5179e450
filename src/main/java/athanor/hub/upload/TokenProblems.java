package athanor.hub.upload;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.hub.Credentials;
import athanor.hub.Service;
import athanor.net.Refusal;
import java.util.Optional;

/** Why a token does not do, where a right one is made, and how it gets here. */
final class TokenProblems {
  private static final String PAGE = "https://huggingface.co/settings/tokens";
  private static final String LOGIN = "athanor auth login hf";

  private TokenProblems() {}

  static Problem none() {
    return Problem.of(Kind.NETWORK, "publishing needs a token of Hugging Face, and there is none")
        .expected("HF_TOKEN, or a stored token")
        .help("make one of the type \"write\" at " + PAGE + ", then: " + LOGIN);
  }

  /** The problem with a right that is certainly missing; empty for the other rights. */
  static Optional<Problem> of(WriteRight right, Optional<String> name, String source, RepoId repo) {
    String token = "the token" + name.map(text -> " '" + text + "'").orElse("");
    return switch (right) {
      case WriteRight.ReadOnly _ ->
          Optional.of(
              rights(token + " may only read", source)
                  .found("role read")
                  .expected("a token that may write")
                  .help("make one of the type \"write\" at " + PAGE + ", then: " + login(source)));
      case WriteRight.OtherScope other ->
          Optional.of(
              rights(token + " was not made to write to " + repo.namespace(), source)
                  .found(
                      other.covered().isEmpty()
                          ? "a fine-grained token that may write nowhere"
                          : "a fine-grained token for " + String.join(", ", other.covered()))
                  .expected("write access to the repositories of " + repo.namespace())
                  .help(
                      "add that at "
                          + PAGE
                          + ", or make a token of the type \"write\" there, then: "
                          + login(source)));
      case WriteRight.SmallRole small ->
          Optional.of(
              rights("you may only read in the organisation " + small.organisation(), source)
                  .found("role " + small.role())
                  .expected("role write, contributor or admin")
                  .help(
                      "ask an admin of "
                          + small.organisation()
                          + " for the role, or publish under your own name"));
      case WriteRight.Foreign foreign ->
          Optional.of(
              rights("the name " + repo + " is not yours to publish under", source)
                  .found(token + " belongs to " + foreign.user())
                  .expected(foreign.user() + "/… or an organisation you belong to")
                  .help("publish as " + foreign.user() + "/" + repo.name()));
      case WriteRight.Granted _, WriteRight.Unknown _ -> Optional.empty();
    };
  }

  private static Problem rights(String what, String source) {
    return Problem.of(Kind.NETWORK, what).at(source);
  }

  /** The Hub does not accept the token. */
  static Problem refused(Refusal refusal, String source) {
    return Problem.of(Kind.NETWORK, "Hugging Face does not accept this token")
        .at(source)
        .found(refusal.shown())
        .help("make one of the type \"write\" at " + PAGE + ", then: " + login(source));
  }

  /** The server says that this token may not write here. */
  static Problem noRight(Refusal refusal, String source, RepoId repo) {
    return Problem.of(Kind.NETWORK, "the token from " + source + " may not write to " + repo)
        .found(refusal.shown())
        .help("look at its rights at " + PAGE + "; a new one is stored by: " + login(source));
  }

  private static String login(String source) {
    return Credentials.variables(Service.HUGGING_FACE).contains(source)
        ? LOGIN + " (and unset " + source + ", which comes first)"
        : LOGIN;
  }
}
