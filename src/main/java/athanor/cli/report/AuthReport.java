package athanor.cli.report;

import athanor.cli.terminal.Screen;
import athanor.hub.Account;
import athanor.hub.Service;
import athanor.report.LoggedOut;
import athanor.report.NoToken;
import athanor.report.TokenOwner;

/** What is said of tokens: owner and rights, never the token. */
public final class AuthReport {
  private AuthReport() {}

  public static void print(Screen screen, Account account) {
    TokenOwner owner = TokenOwner.of(account);
    if (screen.isJson()) {
      screen.result(owner);
      return;
    }
    screen.result(
        owner.at().label()
            + ": "
            + owner.name()
            + owner.token().map(name -> ", token '" + name + "'").orElse("")
            + ", "
            + rights(owner)
            + " (from "
            + owner.source()
            + ")"
            + (owner.organisations().isEmpty() ? "" : ", member of " + owner.organisations()));
  }

  private static String rights(TokenOwner owner) {
    if (owner.at() == Service.CIVITAI) {
      return "may download";
    }
    return switch (owner.role().orElse("")) {
      case "read" -> "may read, not publish";
      case "write" -> "may read and publish";
      case "fineGrained" -> "may do what was chosen when it was made (fine-grained)";
      default -> "rights not told";
    };
  }

  public static void printNone(Screen screen, Service service) {
    if (screen.isJson()) {
      screen.result(NoToken.of(service));
      return;
    }
    screen.result(
        service.label() + ": no token; give one with: athanor auth login " + service.id());
  }

  public static void printRemoved(Screen screen, Service service, boolean removed) {
    if (screen.isJson()) {
      screen.result(LoggedOut.of(service, removed));
      return;
    }
    screen.result(
        service.label() + (removed ? ": the stored token was removed" : ": no token was stored"));
  }
}
