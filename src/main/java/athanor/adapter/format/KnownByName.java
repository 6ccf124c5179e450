package athanor.adapter.format;

import java.util.Arrays;
import java.util.List;

/**
 * Formats of which only the names are known: those of PEFT that no image model is known to come
 * with, forms that trainers gave up, and forms that need more than a weight to be merged. In the
 * order in which a module that mixes them is named.
 */
final class KnownByName extends RecognisedFormat {
  /** All of them. */
  static final List<RecognisedFormat> ALL =
      List.of(
          of("first LoRA format of cloneofsimo", ":up", ":down"),
          of("OFT of early LyCORIS (oft_diag)", ".oft_diag"),
          of("OFT of PEFT before OFTv2", ".oft_r", ".oft_r.*"),
          of(
              "OFTv2 with clipped norms or matrix exponentials",
              ".oft_R.clipped_oft",
              ".oft_R.cans_exp"),
          of("DoRA on OFT", ".initial_norm", ".dora_multiplier"),
          of("AdaLoRA", ".lora_E", ".lora_E.*", ".ranknum", ".ranknum.*"),
          of("AdaMSS", ".adamss_*"),
          of("BEFT", ".beft_*"),
          of("C3A", ".c3a_kernel", ".c3a_kernel.*"),
          of("DEFT", ".deft_*"),
          of("DeLoRA", ".delora_*"),
          of("FourierFT", ".fourierft_spectrum", ".fourierft_spectrum.*"),
          of("FRoD", ".frod_*"),
          of("GLoRA of PEFT", ".glora_*"),
          of("GraLoRA", ".gralora_*"),
          of("LayerNorm tuning of PEFT", ".ln_tuning_layers.weight", ".ln_tuning_layers.*.weight"),
          of("HiRA of embeddings", ".hira_embedding_*"),
          of("Lily", ".lily_*"),
          of("OSF", ".osf_*"),
          of("PEANuT", ".peanut_*"),
          of("Poly", ".poly_*"),
          of("PSOFT", ".psoft_*", ".psoft_R.weight"),
          of("PVeRA", ".pvera_*"),
          of("RandLoRA", ".randlora_*"),
          of("RoAd", ".road_*"),
          of("SHiRA", ".shira_*"),
          of("SuperTuning", ".supertuning_*"),
          of("TinyLoRA", ".tinylora_*"),
          of("Uni-LoRA", ".unilora_*"),
          of("VB-LoRA", ".vblora_*"),
          of("WaveFT", ".waveft_spectrum", ".waveft_spectrum.*"),
          of("X-LoRA", ".xlora_*"));

  private final List<Suffix> suffixes;

  private KnownByName(String label, List<Suffix> suffixes) {
    super(label);
    this.suffixes = suffixes;
  }

  private static RecognisedFormat of(String label, String... ends) {
    return new KnownByName(
        label,
        Arrays.stream(ends).map(end -> Suffix.of(end, new Part(label, end.substring(1)))).toList());
  }

  @Override
  public List<Suffix> suffixes() {
    return suffixes;
  }
}
