package athanor.cli.command;

import athanor.cli.help.Examples;
import athanor.cli.option.OutputOptions;
import athanor.cli.report.AuthReport;
import athanor.cli.terminal.Screen;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.hub.Account;
import athanor.hub.Credentials;
import athanor.hub.Hub;
import athanor.hub.Service;
import athanor.net.Secret;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code athanor auth}: the tokens of Hugging Face and Civitai. */
@Command(
    name = "auth",
    mixinStandardHelpOptions = true,
    description = "Stores, shows and removes the tokens of Hugging Face and Civitai.",
    footer = {
      "A token is typed unseen or read from standard input, never given as an argument.",
      "HF_TOKEN and CIVITAI_TOKEN, if set, come before a stored token."
    })
@Examples({"athanor auth login civitai", "athanor auth login hf < token.txt"})
public final class AuthCommand implements Runnable {
  private static final String SERVICE = "hf or civitai.";

  private final CommandContext context;

  AuthCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public void run() {
    throw Problem.usage("auth: login, whoami or logout?")
        .help("see: athanor auth --help")
        .toException();
  }

  @Command(
      name = "login",
      mixinStandardHelpOptions = true,
      description = "Asks for a token, checks it with its service, stores it for you alone.")
  int login(
      @Parameters(index = "0", paramLabel = "SERVICE", description = SERVICE) String service,
      @Parameters(index = "1..*", arity = "0..*", hidden = true) @Nullable List<String> more,
      @Mixin OutputOptions output) {
    Screen screen = output.screen(context.out(), context.err());
    Service at = service(service);
    if (more != null && !more.isEmpty()) {
      throw Problem.usage("a token is never an argument: others can read the list of processes")
          .help("athanor auth login " + at.id() + " asks for it; take this one out of the history")
          .toException();
    }
    try (Hub hub = context.hub(screen)) {
      Secret token = ask(at, screen);
      Account account = hub.check(at, token, "your input", context.cancellation());
      hub.credentials().store(at, token);
      AuthReport.print(screen, account);
      screen.note("stored in " + hub.credentials().path(at) + ", readable by you alone");
      warnIfHidden(hub, at, screen);
    }
    return 0;
  }

  private Secret ask(Service at, Screen screen) {
    String page = page(at);
    if (context.user().isInteractive()) {
      screen.note("make a token at " + page);
    }
    String typed = context.user().secret(at.label() + " token: ", screen.err());
    if (typed.isBlank()) {
      throw Problem.usage("no token was given")
          .expected("one line on standard input, or typed at the prompt")
          .help("make one at " + page)
          .toException();
    }
    return Secret.of(typed);
  }

  private static void warnIfHidden(Hub hub, Service at, Screen screen) {
    hub.credentials()
        .token(at)
        .filter(token -> !token.stored())
        .ifPresent(token ->
            screen.warn(
                token.source()
                    + " is set and comes before the stored token; unset it to use this one"));
  }

  @Command(
      name = "whoami",
      mixinStandardHelpOptions = true,
      description = "Says whom the tokens belong to and what they may do.")
  int whoami(
      @Parameters(arity = "0..1", paramLabel = "SERVICE", description = SERVICE)
          @Nullable String service,
      @Mixin OutputOptions output) {
    Screen screen = output.screen(context.out(), context.err());
    List<Service> asked =
        service == null
            ? List.of(Service.HUGGING_FACE, Service.CIVITAI)
            : List.of(service(service));
    boolean any = false;
    try (Hub hub = context.hub(screen)) {
      for (Service at : asked) {
        Optional<Account> account = hub.whoami(at, context.cancellation());
        account.ifPresentOrElse(
            found -> AuthReport.print(screen, found), () -> AuthReport.printNone(screen, at));
        any |= account.isPresent();
      }
    }
    return any ? 0 : Kind.NETWORK.exitCode();
  }

  @Command(
      name = "logout",
      mixinStandardHelpOptions = true,
      description = "Removes a stored token; those of variables and other programs stay.")
  int logout(
      @Parameters(paramLabel = "SERVICE", description = SERVICE) String service,
      @Mixin OutputOptions output) {
    Screen screen = output.screen(context.out(), context.err());
    Service at = service(service);
    try (Hub hub = context.hub(screen)) {
      boolean removed = hub.credentials().remove(at);
      AuthReport.printRemoved(screen, at, removed);
      Optional<Credentials.Token> left = hub.credentials().token(at);
      left.ifPresent(token ->
          screen.warn("a token from " + token.source() + " is still there and will be used"));
    }
    return 0;
  }

  private static Service service(String name) {
    return switch (name) {
      case "hf", "huggingface" -> Service.HUGGING_FACE;
      case "civitai" -> Service.CIVITAI;
      default ->
          // Not shown: it may be a token.
          throw Problem.usage("unknown service")
              .expected("hf or civitai")
              .help("a token is never an argument: athanor auth login hf asks for it")
              .toException();
    };
  }

  private static String page(Service at) {
    return at == Service.HUGGING_FACE
        ? "https://huggingface.co/settings/tokens"
        : "https://civitai.com/user/account (API Keys)";
  }
}
