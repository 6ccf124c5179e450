package athanor.hub.upload;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.net.Refusal;
import java.util.Locale;

/** What refusals of the Hub and its storage mean for an upload. */
final class UploadRefusals {
  private UploadRefusals() {}

  /** A refusal of the Hub; {@code doing} completes "the Hub refused to …". */
  static Problem ofHub(Refusal refusal, String doing, RepoId repo, String source) {
    String text = refusal.text().toLowerCase(Locale.ROOT);
    Problem quoted = problem("the Hub refused to " + doing, repo, refusal);
    if (mentionsXet(refusal)) {
      return xetOnly(repo, "FILE").found(refusal.shown());
    }
    if (refusal.status() == 401) {
      return TokenProblems.refused(refusal, source).at(repo.toString());
    }
    if (refusal.status() == 402 || (refusal.status() == 403 && text.contains("storage"))) {
      return problem("the account has no room for this", repo, refusal)
          .help(
              "publish it with --public, delete old versions, or see"
                  + " https://huggingface.co/settings/billing");
    }
    if (refusal.status() == 403) {
      return TokenProblems.noRight(refusal, source, repo);
    }
    if (refusal.status() == 404) {
      return quoted.help("check the name and the branch, and HF_ENDPOINT if you have set it");
    }
    if (refusal.isTransient()) {
      return problem("the Hub has trouble", repo, refusal)
          .help("see https://status.huggingface.co");
    }
    return quoted.help("look at what the Hub says; nothing was published");
  }

  /** A refusal of the storage behind a signed address. */
  static Problem ofStorage(Refusal refusal, String what) {
    Problem problem =
        Problem.of(Kind.NETWORK, "the storage of the Hub refused " + what)
            .at(String.valueOf(refusal.address().getHost()))
            .found(refusal.shown());
    return refusal.code().orElse("").equals("RequestTimeTooSkewed")
        ? problem.help("the clock of this computer is wrong: set it")
        : problem.help("try later");
  }

  static boolean mentionsXet(Refusal refusal) {
    return refusal.text().toLowerCase(Locale.ROOT).matches(".*\\bxet\\b.*");
  }

  /** The repository wants a protocol that this program does not speak. */
  static Problem xetOnly(RepoId repo, String file) {
    return Problem.of(Kind.NETWORK, "this repository accepts uploads by Xet only")
        .at(repo.toString())
        .expected("Git LFS, which this program speaks")
        .help("use the Hub's own program: hf upload " + repo + " " + file);
  }

  /** An answer that no sound server gives. */
  static Problem malformed(String what, RepoId repo) {
    return Problem.of(Kind.NETWORK, "the answer of the Hub makes no sense: " + what)
        .at(repo.toString())
        .help("check HF_ENDPOINT if you have set it, or try later");
  }

  private static Problem problem(String what, RepoId repo, Refusal refusal) {
    return Problem.of(Kind.NETWORK, what).at(repo.toString()).found(refusal.shown());
  }
}
