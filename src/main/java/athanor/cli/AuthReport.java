package athanor.cli;

import athanor.hub.Account;
import athanor.hub.Service;

/** What is said of tokens: owner and rights, never the token. */
final class AuthReport {
  private AuthReport() {}

  static void print(Screen screen, Account account) {
    if (screen.isJson()) {
      screen.result(json -> {
        json.writeStringProperty("result", "account");
        json.writeStringProperty("service", account.service().id());
        json.writeStringProperty("name", account.name());
        account.tokenName().ifPresent(name -> json.writeStringProperty("token", name));
        account.role().ifPresent(role -> json.writeStringProperty("role", role));
        json.writeStringProperty("source", account.source());
        json.writeStringProperty("organisations", String.join(", ", account.organisations()));
      });
      return;
    }
    screen.result(
        account.service().label()
            + ": "
            + account.name()
            + account.tokenName().map(name -> ", token '" + name + "'").orElse("")
            + ", "
            + rights(account)
            + " (from "
            + account.source()
            + ")"
            + (account.organisations().isEmpty()
                ? ""
                : ", member of " + String.join(", ", account.organisations())));
  }

  private static String rights(Account account) {
    if (account.service() == Service.CIVITAI) {
      return "may download";
    }
    return switch (account.role().orElse("")) {
      case "read" -> "may read, not publish";
      case "write" -> "may read and publish";
      case "fineGrained" -> "may do what was chosen when it was made (fine-grained)";
      default -> "rights not told";
    };
  }

  static void printNone(Screen screen, Service service) {
    if (screen.isJson()) {
      screen.result(json -> {
        json.writeStringProperty("result", "account");
        json.writeStringProperty("service", service.id());
        json.writeNullProperty("name");
      });
      return;
    }
    screen.result(
        service.label() + ": no token; give one with: athanor auth login " + service.id());
  }

  static void printRemoved(Screen screen, Service service, boolean removed) {
    if (screen.isJson()) {
      screen.result(json -> {
        json.writeStringProperty("result", "logout");
        json.writeStringProperty("service", service.id());
        json.writeBooleanProperty("removed", removed);
      });
      return;
    }
    screen.result(
        service.label() + (removed ? ": the stored token was removed" : ": no token was stored"));
  }
}
