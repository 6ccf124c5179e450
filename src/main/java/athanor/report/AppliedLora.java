package athanor.report;

import athanor.merge.plan.PlannedLora;
import java.util.List;
import java.util.Optional;

/**
 * What of a LoRA went into a result.
 *
 * @param file its name
 * @param ratio its ratio
 * @param applied number of modules that were applied
 * @param modules number of its modules
 * @param partWeights what is special about its parts
 * @param effective whether it changed anything: not so if every factor is 0
 * @param blocks what each block got
 */
public record AppliedLora(
    String file,
    double ratio,
    int applied,
    int modules,
    @Inline Optional<PartWeights> partWeights,
    @ForText boolean effective,
    @ForText List<BlockLine> blocks) {

  static List<AppliedLora> of(List<PlannedLora> loras) {
    return loras.stream().map(AppliedLora::of).toList();
  }

  private static AppliedLora of(PlannedLora lora) {
    return new AppliedLora(
        lora.match().file().name(),
        lora.strength().ratio(),
        lora.applied(),
        lora.match().total(),
        PartWeights.of(lora),
        lora.isEffective(),
        BlockLine.of(lora));
  }
}
