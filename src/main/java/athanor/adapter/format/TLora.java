package athanor.adapter.format;

import java.util.List;

/** A low-rank product that is measured against its start, which is not in the file. */
final class TLora extends RecognisedFormat {
  TLora() {
    super("T-LoRA");
  }

  @Override
  public String advice() {
    return "leave it out: what it adds is measured against the start of its training, the leading"
        + " singular vectors of each weight of the base, which are not in the file";
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".q_layer.weight", new Part("T-LoRA", "q_layer")),
        Suffix.of(".p_layer.weight", new Part("T-LoRA", "p_layer")),
        Suffix.of(".lambda_layer", new Part("T-LoRA", "lambda_layer")));
  }
}
