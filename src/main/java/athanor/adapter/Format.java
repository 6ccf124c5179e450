package athanor.adapter;

/** A way of storing a change of weights. A file may mix formats, module by module. */
public enum Format {
  /** A low-rank pair, ΔW = scale · up · down, for linear layers and convolutions (LoCon). */
  LORA("LoRA", true),
  /** A difference of weights or biases, stored in full. */
  FULL("full difference", true),
  /** A difference of the weight and bias of a normalisation layer. */
  NORM("norm difference", true),
  DORA("DoRA", false),
  LOHA("LoHa", false),
  LOKR("LoKr", false),
  IA3("IA3", false),
  GLORA("GLoRA", false),
  OFT("OFT", false),
  BOFT("BOFT", false),
  OFT_V2("OFTv2", false),
  SPARSE("sparse bias of LyCORIS", false),
  T_LORA("T-LoRA", false),
  SET_WEIGHT("replaced weights (BFL control)", false),
  EMBEDDING_LORA("embedding LoRA of PEFT", false),
  PEFT_SAVED_MODULE("full modules saved by PEFT", false);

  private final String label;
  private final boolean mergeable;

  Format(String label, boolean mergeable) {
    this.label = label;
    this.mergeable = mergeable;
  }

  /** The name people know it by. */
  public String label() {
    return label;
  }

  /** Whether this version can merge it; otherwise it is refused by name. */
  public boolean isMergeable() {
    return mergeable;
  }
}
