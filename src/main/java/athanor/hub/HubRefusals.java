package athanor.hub;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.net.Credential;
import athanor.net.Refusal;
import java.net.URI;
import java.util.Optional;

/**
 * What the Hugging Face Hub's refusals mean, by its {@code X-Error-Code} and status. It answers 401
 * for what does not exist as well, so as not to tell what exists.
 */
final class HubRefusals {
  private static final String LOGIN = "athanor auth login hf";

  private HubRefusals() {}

  static Problem explain(
      Refusal refusal,
      Link.Repo repo,
      String revision,
      String path,
      String page,
      Optional<Credential> credential) {
    String where = repo.path() + (path.isEmpty() ? "" : "/" + path);
    String code = refusal.code().orElse("");
    boolean login = refusal.status() == 401 || refusal.status() == 403;
    if (code.equals("RevisionNotFound")) {
      return Refusals.problem("there is no branch, tag or commit " + revision, where, refusal)
          .help("look at the branches of " + page);
    }
    if (code.equals("EntryNotFound")) {
      return Refusals.problem("there is no such file at " + revision, where, refusal)
          .help("look at the files of " + page);
    }
    if (code.equals("GatedRepo")) {
      return gated(refusal, where, page, credential);
    }
    if (refusal.text().contains("is disabled")) {
      return Refusals.problem("Hugging Face has taken this repository down", where, refusal)
          .help("look for another source of the model");
    }
    if (login && refusal.text().contains("Invalid credentials")) {
      return token(refusal, credential.map(Credential::source).orElse("the link"), URI.create(page))
          .at(where);
    }
    if (code.equals("RepoNotFound") || (refusal.status() == 401 && code.isEmpty())) {
      return missing(refusal, where, credential);
    }
    if (refusal.status() == 429 && credential.isEmpty()) {
      return Refusals.byStatus(where, refusal)
          .help("wait a while, or log in for higher limits: " + LOGIN);
    }
    if (refusal.status() == 404) {
      return Refusals.byStatus(where, refusal)
          .help("check the link, and HF_ENDPOINT if you have set it");
    }
    return Refusals.byStatus(where, refusal);
  }

  private static Problem gated(
      Refusal refusal, String where, String page, Optional<Credential> credential) {
    Problem problem =
        Refusals.problem("the owner gives this model only to known users", where, refusal);
    return credential.isEmpty()
        ? problem.help("accept the terms at " + page + ", then: " + LOGIN)
        : problem.help(
            "ask for access at "
                + page
                + "; a fine-grained token also needs the right to read gated repositories");
  }

  private static Problem missing(Refusal refusal, String where, Optional<Credential> credential) {
    Problem problem =
        Refusals.problem("there is no such repository, or it is private", where, refusal);
    return credential.isEmpty()
        ? problem.help("check the spelling; if it is private: " + LOGIN)
        : problem.help(
            "check the spelling; the token from "
                + credential.get().source()
                + " may have no right to read it");
  }

  /** The token itself is refused. */
  static Problem token(Refusal refusal, String source, URI endpoint) {
    if (refusal.status() != 401 && refusal.status() != 403) {
      return Refusals.byStatus(endpoint.getHost(), refusal);
    }
    return Problem.of(Kind.NETWORK, "Hugging Face does not accept this token")
        .at(source)
        .found(refusal.shown())
        .help("create one at https://huggingface.co/settings/tokens, then: " + LOGIN);
  }
}
