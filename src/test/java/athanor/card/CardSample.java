package athanor.card;

import athanor.merge.method.LoraMethods;
import athanor.merge.plan.BlockList;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Strength;
import athanor.recipe.InputOrigin;
import athanor.recipe.Provenance;
import athanor.testkit.Known;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Facts to make cards of. */
final class CardSample {
  static final String HASH = "0123456789abcdef".repeat(4);

  private CardSample() {}

  /** A checkpoint of a base from the Hub, a LoRA from Civitai and one from this computer. */
  static CardFacts mix() {
    var strength =
        new Strength(
            0.6,
            Optional.of(0.3),
            Optional.of(BlockList.parse("OUTALL", BlockList.PROMPT, "test")),
            List.of(),
            List.of("ff"));
    var pixel =
        new InputOrigin(
            Optional.of(HASH),
            Optional.of("https://civitai.com/models/12"),
            Optional.of("https://civitai.com/api/download/models/345?fileId=7"),
            List.of("pixel art", "8bit"),
            Optional.of("bob"),
            Optional.of("cc-by-nc-4.0"),
            Optional.of("SD 1.5"));
    return checkpoint(
        "my mix.safetensors",
        new Provenance(
            "1.2.3",
            Optional.of(
                base("sd15.safetensors", origin("hf:ann/sd15/sd15.safetensors", "openrail"))),
            List.of(
                new Provenance.Input(
                    "pixel_v2.safetensors", 9, Optional.empty(), Optional.of(strength), pixel),
                lora("ink.safetensors", 0.4, InputOrigin.UNKNOWN)),
            MergeOptions.defaults(),
            Optional.empty(),
            true,
            Optional.empty()));
  }

  static CardFacts checkpoint(String name, Provenance recipe) {
    return new CardFacts(
        name,
        2_132_625_894L,
        false,
        Optional.of(Known.SD1),
        Set.of(),
        "fp16",
        new CardFacts.Hashes(HASH, Optional.empty()),
        Optional.of(recipe),
        CardFacts.Words.NONE);
  }

  static CardFacts mergedLora(Provenance.Input... loras) {
    var recipe =
        new Provenance(
            "1.2.3",
            Optional.empty(),
            List.of(loras),
            MergeOptions.defaults(),
            Optional.empty(),
            false,
            Optional.of(LoraMethods.standard()));
    return new CardFacts(
        "both.safetensors",
        1000,
        true,
        Optional.of(Known.SDXL),
        Set.of(),
        "fp16",
        new CardFacts.Hashes(HASH, Optional.of(HASH)),
        Optional.of(recipe),
        CardFacts.Words.NONE);
  }

  static Provenance merge(Provenance.Input base, Provenance.Input... loras) {
    return new Provenance(
        "1.2.3",
        Optional.of(base),
        List.of(loras),
        MergeOptions.defaults(),
        Optional.empty(),
        false,
        Optional.empty());
  }

  static Provenance.Input base(String name, InputOrigin origin) {
    return new Provenance.Input(name, 5, Optional.of(HASH), Optional.empty(), origin);
  }

  static Provenance.Input lora(String name, double ratio, InputOrigin origin) {
    return new Provenance.Input(name, 9, Optional.empty(), Optional.of(Strength.of(ratio)), origin);
  }

  /** Of this link and licence. */
  static InputOrigin origin(String link, String license) {
    return new InputOrigin(
        Optional.of(HASH),
        Optional.of(link),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.of(license),
        Optional.empty());
  }

  /** Of a LoRA that was made for a model. */
  static InputOrigin madeFor(String link, String model) {
    return new InputOrigin(
        Optional.empty(),
        Optional.of(link),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(model));
  }
}
