package athanor.card;

import athanor.error.PrintableText;
import athanor.hub.upload.RepoId;
import athanor.model.Architecture;
import athanor.model.Trait;
import java.util.Optional;

/** Where the file goes, and how programs load it. */
final class UsageSection {
  private final CardFacts facts;
  private final CardOptions options;

  UsageSection(CardFacts facts, CardOptions options) {
    this.facts = facts;
    this.options = options;
  }

  String text() {
    String name = Markdown.code(facts.fileName());
    String folders =
        facts.lora()
            ? "`models/Lora`, then write "
                + Markdown.code("<lora:" + facts.title() + ":1>")
                + " in the prompt"
            : "`models/Stable-diffusion`";
    String comfy = facts.lora() ? "models/loras" : "models/checkpoints";
    return "## How to use\n\n"
        + ("- AUTOMATIC1111, Forge: put " + name + " into " + folders + ".\n")
        + ("- ComfyUI: put it into `" + comfy + "`.\n")
        + code()
            .map(python -> "- diffusers:\n\n" + indented(Markdown.block("python", python)))
            .orElse("");
  }

  private static String indented(String block) {
    return block.indent(2).replace("\n  \n", "\n\n");
  }

  private Optional<String> code() {
    return facts
        .architecture()
        .flatMap(this::pipeline)
        .map(pipeline ->
            "import torch\nfrom diffusers import "
                + pipeline
                + "\n\n"
                + (facts.lora() ? lora(pipeline) : checkpoint(pipeline)));
  }

  private String checkpoint(String pipeline) {
    String name = PrintableText.line(facts.fileName());
    String place =
        options
            .repo()
            .map(repo -> "https://huggingface.co/" + repo + "/blob/main/" + name)
            .orElse(name);
    return "pipe = "
        + pipeline
        + ".from_single_file(\n    "
        + string(place)
        + ", torch_dtype=torch.float16\n)\n";
  }

  private String lora(String pipeline) {
    String base =
        facts.loras().stream()
            .flatMap(input -> HubNames.madeFor(input).stream())
            .findFirst()
            .or(() -> facts.architecture().flatMap(UsageSection::wellKnownBase))
            .orElse("USER/BASE");
    String name = PrintableText.line(facts.fileName());
    return "pipe = "
        + pipeline
        + ".from_pretrained(\n    "
        + string(base)
        + ", torch_dtype=torch.float16\n)\n"
        + "pipe.load_lora_weights("
        + string(options.repo().map(RepoId::toString).orElse("."))
        + ", weight_name="
        + string(name)
        + ")\n";
  }

  /** A string of Python. */
  private static String string(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  private Optional<String> pipeline(Architecture architecture) {
    boolean inpainting = facts.traits().contains(Trait.INPAINTING);
    return architecture.facts().pipeline(inpainting);
  }

  /** A model that LoRAs of an architecture work with. */
  private static Optional<String> wellKnownBase(Architecture architecture) {
    return architecture.facts().repository();
  }
}
