package athanor.hub;

import athanor.error.Kind;
import athanor.error.PrintableText;
import athanor.error.Problem;
import athanor.net.Credential;
import athanor.net.Refusal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/** What Civitai's refusals mean. It treats a wrong key like none, so a message names both. */
final class CivitaiRefusals {
  static final String LOGIN =
      "create a key at https://civitai.com/user/account (API Keys), then: athanor auth login civitai";

  private CivitaiRefusals() {}

  static Problem explain(Refusal refusal, String where, Optional<Credential> credential) {
    String said = refusal.text().toLowerCase(Locale.ROOT);
    Optional<String> deadline = refusal.body().get("deadline").text();
    if (said.contains("disabled downloads") || said.contains("disabled the download")) {
      return Refusals.problem(
              "its creator offers this model only on the site itself", where, refusal)
          .help("choose another model; this one cannot be downloaded");
    }
    if (said.contains("early access") || deadline.isPresent()) {
      String until = deadline.map(CivitaiRefusals::local).orElse("later");
      return Refusals.problem("this model is in early access until " + until, where, refusal)
          .help("wait until then, or buy access on its page");
    }
    return switch (refusal.status()) {
      case 401 -> login(where, credential).found(refusal.shown());
      case 403 ->
          Refusals.problem("this account may not download the file", where, refusal)
              .help("open the model's page in a browser: it says why");
      case 404 ->
          Refusals.problem("there is no such file, or it is not published", where, refusal)
              .help("open the model's page and paste its address again");
      case 410 ->
          Refusals.problem("the model was archived or taken down", where, refusal)
              .help("look for another source of the model");
      case 429 ->
          Refusals.problem("Civitai wants fewer downloads", where, refusal)
              .help("wait an hour, then run again; it goes on where it stopped");
      default -> Refusals.byStatus(where, refusal);
    };
  }

  /** A login page or a 401: no key, or a key that does not count. */
  static Problem login(String where, Optional<Credential> credential) {
    return credential.isEmpty()
        ? Problem.of(Kind.NETWORK, "this file needs a Civitai API key").at(where).help(LOGIN)
        : Problem.of(
                Kind.NETWORK,
                "Civitai does not accept the key from "
                    + credential.get().source()
                    + " for this file (a wrong or expired key counts as none)")
            .at(where)
            .help(LOGIN);
  }

  /** The key itself is refused. */
  static Problem key(Refusal refusal, String source) {
    if (refusal.status() != 401 && refusal.status() != 403) {
      return Refusals.byStatus("Civitai", refusal);
    }
    return Problem.of(Kind.NETWORK, "Civitai does not accept this key")
        .at(source)
        .found(refusal.shown())
        .help(LOGIN);
  }

  private static String local(String deadline) {
    try {
      return DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT)
          .format(Instant.parse(deadline).atZone(ZoneId.systemDefault()));
    } catch (DateTimeException e) {
      return PrintableText.line(deadline);
    }
  }
}
