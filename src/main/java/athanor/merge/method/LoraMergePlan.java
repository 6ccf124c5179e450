package athanor.merge.method;

import athanor.merge.lora.LoraModule;
import athanor.merge.lora.sum.Approximation;
import athanor.merge.metadata.MergedLoraMetadata;
import athanor.merge.plan.PlannedLora;
import athanor.model.Architecture;
import athanor.tensor.DType;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a merge of LoRAs into one LoRA will write.
 *
 * @param architecture the architecture of all inputs
 * @param loras the inputs, in order
 * @param method the method
 * @param dtype the type of the factors
 * @param modules the modules, whose values are computed while they are written
 * @param network the metadata that describe the network
 * @param approximation the error, once the modules have been written; empty if there is none
 */
public record LoraMergePlan(
    Architecture architecture,
    List<PlannedLora> loras,
    LoraMethod method,
    DType dtype,
    List<LoraModule> modules,
    Map<String, String> network,
    Optional<Approximation> approximation) {

  /** Copies the lists. */
  public LoraMergePlan {
    loras = List.copyOf(loras);
    modules = List.copyOf(modules);
  }

  /**
   * Plans a merge of LoRAs that fit the same architecture.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if the method cannot merge them
   */
  public static LoraMergePlan of(LoraMethod method, LoraContributions loras) {
    LoraMethod.Planned planned = method.plan(loras);
    return new LoraMergePlan(
        loras.architecture(),
        loras.loras(),
        method,
        planned.dtype(),
        planned.modules(),
        network(planned.ranks(), new MergedLoraMetadata(loras.architecture(), loras.loras())),
        planned.approximation());
  }

  private static Map<String, String> network(
      LoraMethod.NetworkRanks ranks, MergedLoraMetadata metadata) {
    return switch (ranks) {
      case LoraMethod.NetworkRanks.OfModules(var own) -> metadata.network(own);
      case LoraMethod.NetworkRanks.Historic(var dim, var alpha) -> metadata.network(dim, alpha);
    };
  }
}
