package athanor.card;

import athanor.recipe.Provenance;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;

/** What this program writes into the body of a card, from the recipe to the licence. */
final class CardSection {
  private final CardFacts facts;
  private final CardOptions options;
  private final LicenseChoice license;

  CardSection(CardFacts facts, CardOptions options, LicenseChoice license) {
    this.facts = facts;
    this.options = options;
    this.license = license;
  }

  /** Markdown that ends with a line end. */
  String text() {
    var parts = new StringJoiner("\n");
    parts.add(summary() + "\n");
    facts.recipe().ifPresent(recipe -> parts.add(new RecipeSection(recipe).text()));
    triggerWords().ifPresent(parts::add);
    credits().ifPresent(parts::add);
    parts.add(file());
    parts.add(new UsageSection(facts, options).text());
    parts.add(licence());
    return parts.toString();
  }

  private String summary() {
    Optional<Provenance.Input> base = facts.recipe().flatMap(Provenance::base);
    String kind = facts.kind();
    if (base.isPresent()) {
      return kind
          + ": "
          + RecipeSection.linked(base.get())
          + mixCount()
          + loraCount(" with ", " merged into it");
    }
    if (facts.recipe().isPresent()) {
      return kind + loraCount(", merged from ", "");
    }
    return facts
        .words()
        .mergedFrom()
        .map(titles -> kind + ", merged from " + Markdown.code(titles) + ".")
        .orElse(kind + ".");
  }

  private String mixCount() {
    int count = facts.recipe().map(recipe -> recipe.mix().size()).orElse(0);
    return count == 0
        ? ""
        : " mixed with " + count + (count == 1 ? " checkpoint" : " checkpoints") + loraJoint();
  }

  private String loraJoint() {
    return facts.loras().isEmpty() ? "" : ",";
  }

  private String loraCount(String before, String after) {
    int count = facts.loras().size();
    return count == 0 ? "." : before + count + (count == 1 ? " LoRA" : " LoRAs") + after + ".";
  }

  private Optional<String> triggerWords() {
    List<String> lines = new ArrayList<>();
    for (Provenance.Input lora : facts.loras()) {
      if (!lora.origin().triggerWords().isEmpty()) {
        lines.add(Markdown.code(lora.name()) + ": " + Markdown.codes(lora.origin().triggerWords()));
      }
    }
    if (lines.isEmpty() && !facts.words().triggerWords().isEmpty()) {
      lines.add(Markdown.codes(facts.words().triggerWords()));
    }
    if (!facts.words().frequentTags().isEmpty()) {
      lines.add("frequent tags of the training: " + Markdown.codes(facts.words().frequentTags()));
    }
    facts.words().usageHint().ifPresent(hint -> lines.add("usage: " + Markdown.code(hint)));
    return list("## Trigger words", lines);
  }

  private Optional<String> credits() {
    List<String> lines = new ArrayList<>();
    for (Provenance.Input input : facts.inputs()) {
      input
          .origin()
          .credit()
          .ifPresent(name -> lines.add(RecipeSection.linked(input) + " by " + Markdown.code(name)));
    }
    if (lines.isEmpty()) {
      facts.words().author().ifPresent(name -> lines.add("by " + Markdown.code(name)));
    }
    return list("## Credits", lines);
  }

  private static Optional<String> list(String heading, List<String> lines) {
    return lines.isEmpty()
        ? Optional.empty()
        : Optional.of(heading + "\n\n- " + String.join("\n- ", lines) + "\n");
  }

  private String file() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("size", String.format(Locale.ROOT, "%,d bytes", facts.bytes())));
    rows.add(List.of("weights", Markdown.text(facts.types())));
    rows.add(List.of("SHA-256", Markdown.code(facts.hashes().sha256())));
    rows.add(List.of("AutoV2", Markdown.code(facts.hashes().autoV2())));
    facts
        .hashes()
        .autoV3()
        .ifPresent(hash -> rows.add(List.of("AutoV3", Markdown.code(hash.substring(0, 12)))));
    return "## File\n\n" + Markdown.table(List.of("", Markdown.code(facts.fileName())), rows);
  }

  private String licence() {
    String heading = "## Licence\n\n";
    if (license.id().isPresent()) {
      String id = license.id().get();
      String name =
          Licenses.find(id).map(known -> ", " + Markdown.text(Licenses.nameOf(known))).orElse("");
      String rest =
          id.equals("other")
              ? " Name it with `license_name:` and `license_link:` in the front matter."
              : "";
      return heading + Markdown.code(id) + name + "." + rest + "\n";
    }
    List<String> lines = new ArrayList<>();
    for (Provenance.Input input : facts.inputs()) {
      input
          .origin()
          .license()
          .ifPresent(said -> lines.add(RecipeSection.linked(input) + ": " + Markdown.code(said)));
    }
    facts.words().license().ifPresent(said -> lines.add("in the metadata: " + Markdown.code(said)));
    return heading
        + "Not set yet. "
        + (lines.isEmpty()
            ? ""
            : "What is known of the inputs:\n\n- " + String.join("\n- ", lines) + "\n\n")
        + "Whoever publishes this file: read the licences of all its parts, then set `license:` in the"
        + " front matter of this card, for example with"
        + " `athanor card FILE --out README.md --update --license ID`.\n";
  }
}
