package athanor.hub.upload;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.net.Content;
import athanor.net.Json;
import athanor.net.Refusal;
import java.util.List;
import java.util.Map;

/** Asks the Hub whether it accepts a model card. */
final class CardCheck {
  private final Api api;
  private final RepoId repo;

  CardCheck(Api api, RepoId repo) {
    this.api = api;
    this.repo = repo;
  }

  /**
   * Returns if the Hub accepts the card, or cannot be asked now.
   *
   * @throws AthanorException of kind BAD_FILE with what the Hub says of it
   */
  void require(String card) {
    try {
      judge(ask(card));
    } catch (AthanorException e) {
      if (e.problem().kind() != Kind.NETWORK) {
        throw e;
      }
      api.notice("the model card could not be checked: " + e.problem().line());
    }
  }

  private Api.Answer ask(String card) {
    Json body = Json.of(Map.of("content", Json.of(card), "repoType", Json.of("model")));
    return api.ask(
        api.post(api.address("/api/validate-yaml"), Content.json(body)),
        refusal -> refusal.status() == 400,
        refusal -> UploadRefusals.ofHub(refusal, "check the card", repo, api.source()));
  }

  private void judge(Api.Answer answer) {
    messages(answer.body().get("warnings")).forEach(text -> api.notice("the model card: " + text));
    List<String> errors = messages(answer.body().get("errors"));
    if (errors.isEmpty() && answer.refusal().isEmpty()) {
      return;
    }
    throw Problem.badFile("the Hub does not accept the front matter of the model card")
        .at("README.md")
        .found(
            errors.isEmpty()
                ? answer.refusal().map(Refusal::shown).orElse("")
                : String.join("; ", errors))
        .help("correct the lines between the --- marks, or publish with --no-card")
        .toException();
  }

  private static List<String> messages(Json items) {
    return items.items().stream()
        .map(item -> item.get("message").text().or(item::text).orElse(""))
        .filter(text -> !text.isEmpty())
        .toList();
  }
}
