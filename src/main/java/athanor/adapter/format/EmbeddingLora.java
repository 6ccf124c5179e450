package athanor.adapter.format;

import java.util.List;

/** A low-rank pair of an embedding, stored the other way round. */
final class EmbeddingLora extends RecognisedFormat {
  EmbeddingLora() {
    super("embedding LoRA of PEFT");
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".lora_embedding_A", new Part("embedding LoRA", "lora_embedding_A")),
        Suffix.of(".lora_embedding_B", new Part("embedding LoRA", "lora_embedding_B")));
  }
}
