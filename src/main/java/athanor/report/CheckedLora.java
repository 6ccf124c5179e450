package athanor.report;

import athanor.error.Problem;
import java.util.List;
import java.util.Optional;

/** A LoRA that was judged, as a row of a table. */
public sealed interface CheckedLora permits FittingLora, CompanionLora {
  /** Its name. */
  String file();

  /** Its ratio. */
  double ratio();

  /** Whether it can be merged. */
  boolean fits();

  /** Its architecture in words; empty where it is no LoRA. */
  Optional<String> architecture();

  /** What it is made of; empty where that cannot be read. */
  Optional<LoraTraits> traits();

  /** How many of its modules go where, in words; empty where it is no LoRA. */
  Optional<String> moduleCount();

  /** The weights of its parts in words, as asked for; empty if each has its ratio. */
  Optional<String> askedWeights();

  /** What is special about its parts. */
  Optional<PartWeights> partWeights();

  /** What each block gets; empty where nothing is planned. */
  List<BlockLine> blocks();

  /** Its modules without a target, by reason. */
  List<LeftOut> leftOut();

  /** Why it does not fit. */
  Optional<Problem> problem();

  /**
   * Modules that are left out.
   *
   * @param reason why
   * @param modules their names
   */
  record LeftOut(String reason, List<String> modules) {}
}
