package athanor.adapter.format;

import athanor.delta.Change;
import athanor.delta.TurnedPairDelta;
import athanor.error.Problem;
import athanor.tensor.TensorInfo;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A low-rank pair of an embedding, which PEFT stores the other way round: ΔW = alpha / rank ·
 * (B·A)ᵀ for a weight {@code [words, width]}, with A {@code [rank, words]} and B {@code [width,
 * rank]}.
 */
final class EmbeddingLora implements MergingFormat {
  static final Part A = new Part("embedding LoRA", "lora_embedding_A");
  static final Part B = new Part("embedding LoRA", "lora_embedding_B");

  @Override
  public String label() {
    return "embedding LoRA";
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".lora_embedding_A", A),
        Suffix.of(".lora_embedding_B", B),
        Suffix.of(".lora_embedding_A.*", A),
        Suffix.of(".lora_embedding_B.*", B));
  }

  @Override
  public Optional<Problem> problem(ModuleTensors module) {
    for (Part part : List.of(A, B)) {
      if (!module.has(part)) {
        return Optional.of(module.broken("half of the pair is missing").expected(part.name()));
      }
    }
    TensorInfo right = module.get(A);
    TensorInfo left = module.get(B);
    Optional<Problem> type = module.typeProblem("a factor", List.of(right, left));
    if (type.isPresent()) {
      return type;
    }
    boolean meet =
        right.shape().rank() == 2
            && left.shape().rank() == 2
            && right.shape().dim(0) == left.shape().dim(1)
            && right.shape().elementCount() > 0
            && left.shape().elementCount() > 0;
    return meet
        ? Optional.empty()
        : Optional.of(
            module
                .broken("the factors of the embedding do not meet in one rank")
                .found("A " + right.shape() + " and B " + left.shape())
                .expected("A [rank, words] and B [width, rank]"));
  }

  @Override
  public boolean isIdle(ModuleTensors module, ZeroParts zeros) {
    return zeros.any(A, B);
  }

  @Override
  public ModuleSize size(ModuleTensors module) {
    return new ModuleSize(
        module.find(B).map(left -> left.shape().rows()).orElse(0L),
        module.find(A).map(right -> ModuleSize.inputs(right.shape())).orElse(0L));
  }

  @Override
  public OptionalLong rank(ModuleTensors module) {
    return module.rankOf(A);
  }

  @Override
  public List<Change> changes(ModuleTensors module, Destination destination) {
    var delta =
        new TurnedPairDelta(
            module.source(),
            module.get(B),
            module.get(A),
            module.scale(rank(module).orElseThrow()));
    return List.of(
        new Change.Add(
            delta,
            destination.weight(delta.outputs(), delta.inputs(), delta.right(), delta.left())));
  }
}
