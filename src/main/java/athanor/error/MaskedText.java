package athanor.error;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text without the secrets in it, each replaced by {@code [secret]}: tokens and passwords that this
 * program was given ({@link #neverShow}), and whatever has the form of one. Every message passes
 * here, as {@link PrintableText} is made of it; so it does not matter whether a token was typed
 * into the wrong place, came back from a server or stood in an address. Masking twice changes
 * nothing. Thread-safe.
 */
public final class MaskedText {
  /** What stands in the place of a secret. */
  public static final String MASK = "[secret]";

  /** Shorter ones are found in ordinary words too often. */
  private static final int SHORTEST_KNOWN = 8;

  private static final ReentrantReadWriteLock LOCK = new ReentrantReadWriteLock();

  /** What must never be shown, the longest first, as one may be part of another. */
  private static final Set<String> KNOWN =
      new TreeSet<>(
          Comparator.comparingInt(String::length)
              .reversed()
              .thenComparing(Comparator.naturalOrder()));

  /** Parameters of addresses whose values sign or open something. */
  private static final Pattern SECRET_PARAMETER =
      Pattern.compile(
          "(?i)[^=]{0,80}?(token|signature|secret|passw|credential|auth|key)[^=]{0,80}"
              + "|x-(amz|goog)-.{1,80}|sig|expires|policy|hmac|jwt|se|sp|sv|sr|st|verify");

  private static final Pattern SECRET_OPTION =
      Pattern.compile("(?i)--?[\\w-]{0,40}(?:token|password|passwd|secret|api-?key)");

  private static final Pattern PARAMETER =
      Pattern.compile("([?&;#])([^=?&;#\\s\"'<>]{1,120})=([^?&;#\\s\"'<>]+)");

  /**
   * A form, and what its match becomes; group 1 stays.
   *
   * @param form what a secret looks like; its time grows with the length of the text only
   * @param replacement with the mask in it
   */
  private record Form(Pattern form, String replacement) {
    static Form of(String form) {
      return new Form(Pattern.compile(form), "$1" + Matcher.quoteReplacement(MASK));
    }
  }

  private static final List<Form> FORMS =
      List.of(
          // User and password of an address; the words of our own help stay.
          Form.of("(?i)(\\b[a-z][a-z0-9+.-]{0,20}://)(?!USER:PASSWORD@)[^/\\s\"'<>]{1,300}(?=@)"),
          // Hugging Face, its old tokens and those of its sign-in; GitHub; AWS; signed JSON.
          Form.of("(?<![A-Za-z0-9])()(?:hf|api_org)_(?:oauth_|jwt_)?[A-Za-z0-9]{20,}"),
          Form.of("(?<![A-Za-z0-9])()(?:gh[pousr]|github_pat)_[A-Za-z0-9_]{20,}"),
          Form.of("(?<![A-Za-z0-9])()(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
          Form.of("(?<![A-Za-z0-9])()eyJ[\\w-]{10,}\\.[\\w-]{4,}(?:\\.[\\w-]*)?"),
          // Headers.
          Form.of(
              "(?i)(\\bauthorization[\"']?\\s{0,3}[:=]\\s{0,3}[\"']?(?:\\w{1,20} )?)[^\\s\"',;]{4,}"),
          Form.of("(?i)(\\bbearer )(?=[^\\s\"',;]{0,200}[0-9])[^\\s\"',;]{8,}"),
          Form.of("(?i)(\\bbasic )(?=[A-Z]{0,200}[0-9+/=])[A-Z0-9+/]{8,}={0,2}(?![\\w.])"),
          // Options and variables: --token=…, '--token', '…', HF_TOKEN=…, "api_key": "…".
          Form.of(
              "(?i)((?<![\\w-])--?[\\w-]{0,40}(?:token|password|passwd|secret|api-?key)(?:=|'?,? +'?))"
                  + "(?!-)[^\\s\"',]+"),
          Form.of(
              "(?i)(\\b\\w{0,40}(?:token|password|passwd|secret|api_?key)[\"']?[=:]\\s?[\"']?)"
                  + "(?=[^\\s\"',;&]{0,200}\\d)[^\\s\"',;&]{12,}"));

  /** A key that has no mark but its length, such as Civitai's, where it stands alone. */
  private static final Form BARE_KEY = Form.of("(?i)(?<![\\w./:=-])()[0-9a-f]{32}(?![\\w./:-])");

  private MaskedText() {}

  /**
   * From now on this value is masked wherever it occurs; one of fewer than 8 characters only where
   * its surroundings tell what it is.
   */
  public static void neverShow(String secret) {
    if (secret.length() < SHORTEST_KNOWN) {
      return;
    }
    LOCK.writeLock().lock();
    try {
      KNOWN.add(secret);
    } finally {
      LOCK.writeLock().unlock();
    }
  }

  /**
   * As {@link #neverShow}, for whatever follows an argument such as {@code --token}, which no
   * command takes: the message about it quotes the arguments one by one.
   */
  public static void neverShowAfterOptions(String... arguments) {
    for (int i = 0; i + 1 < arguments.length; i++) {
      if (SECRET_OPTION.matcher(arguments[i]).matches()) {
        neverShow(arguments[i + 1]);
      }
    }
  }

  /** The text with its secrets masked. */
  public static String of(String text) {
    String masked = withoutKnown(text);
    if (masked.indexOf('=') >= 0) {
      masked = withoutParameters(masked);
    }
    for (Form form : FORMS) {
      masked = form.form().matcher(masked).replaceAll(form.replacement());
    }
    return masked;
  }

  /**
   * As {@link #of}, and masks a lone word of 32 hexadecimal digits too: for messages, which are no
   * data.
   */
  public static String ofMessage(String text) {
    return BARE_KEY.form().matcher(of(text)).replaceAll(BARE_KEY.replacement());
  }

  /** The failure with its causes, as {@link Throwable#printStackTrace} shows it, masked. */
  public static String ofFailure(Throwable failure) {
    var text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return of(text.toString());
  }

  /** Whether a parameter of an address of this name signs or opens something. */
  public static boolean isSecretParameter(String name) {
    return SECRET_PARAMETER.matcher(name).matches();
  }

  private static String withoutKnown(String text) {
    LOCK.readLock().lock();
    try {
      String masked = text;
      for (String secret : KNOWN) {
        masked = masked.replace(secret, MASK);
      }
      return masked;
    } finally {
      LOCK.readLock().unlock();
    }
  }

  private static String withoutParameters(String text) {
    return PARAMETER
        .matcher(text)
        .replaceAll(match ->
            Matcher.quoteReplacement(
                isSecretParameter(match.group(2))
                    ? match.group(1) + match.group(2) + "=" + MASK
                    : match.group()));
  }
}
