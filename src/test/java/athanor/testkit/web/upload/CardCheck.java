package athanor.testkit.web.upload;

import static athanor.testkit.web.Answer.object;

import athanor.net.Json;
import athanor.testkit.web.Answer;
import athanor.testkit.web.Ask;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Looks at the front matter of a model card, as far as the hub's checks are known. */
final class CardCheck {
  /** A card with these words is refused. */
  static final String MARKER = "this card is invalid";

  private CardCheck() {}

  static Answer answer(Ask ask) {
    String card = ask.json().get("content").text().orElse("");
    List<String> errors = errors(card);
    boolean licensed = card.contains("\nlicense:");
    List<String> warnings =
        licensed ? List.of() : List.of("empty or missing yaml metadata in repo card");
    return Answer.json(
        errors.isEmpty() ? 200 : 400,
        object("errors", messages(errors), "warnings", messages(warnings)));
  }

  private static List<Json> messages(List<String> texts) {
    return texts.stream().map(text -> object("message", text)).toList();
  }

  static List<String> errors(String card) {
    List<String> errors = new ArrayList<>();
    if (card.contains(MARKER)) {
      errors.add("\"license\" must be one of the known licences");
    }
    List<String> lines = card.lines().toList();
    if (!lines.isEmpty() && lines.getFirst().equals("---")) {
      int end = lines.subList(1, lines.size()).indexOf("---");
      if (end < 0) {
        errors.add("the front matter has no end");
      } else {
        errors.addAll(frontMatter(lines.subList(1, 1 + end)));
      }
    }
    return errors;
  }

  private static List<String> frontMatter(List<String> lines) {
    try {
      var settings = LoadSettings.builder().setAllowDuplicateKeys(false).build();
      Object found = new Load(settings).loadFromString(String.join("\n", lines) + "\n");
      return found == null || found instanceof Map<?, ?>
          ? List.of()
          : List.of("the front matter is no mapping");
    } catch (YamlEngineException e) {
      return List.of(
          "Invalid YAML: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
  }
}
