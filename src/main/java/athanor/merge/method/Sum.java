package athanor.merge.method;

/**
 * LoRAs into a checkpoint: every weight plus all that its LoRAs add, {@code W + Σ ratio·ΔW},
 * rounded once. {@link athanor.merge.plan.MergePlan} says what that is for each tensor. It has no
 * parameters: what there is to choose is in the strength of each LoRA.
 */
public record Sum() implements Method {}
