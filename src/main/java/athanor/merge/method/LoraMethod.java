package athanor.merge.method;

import athanor.merge.lora.LoraModule;
import athanor.merge.lora.LoraRanks;
import athanor.merge.lora.sum.Approximation;
import athanor.tensor.DType;
import java.util.List;
import java.util.Optional;

/** A way of making LoRAs into one LoRA; {@link LoraMethods} lists them all. */
public non-sealed interface LoraMethod extends Method {

  @Override
  MethodDescription<LoraMethod> description();

  /** Whether a plan needs the values of the LoRAs, and not their shapes alone. */
  default boolean needsValues() {
    return false;
  }

  /** Whether the precision of the arithmetic matters; other methods compute in float32. */
  default boolean usesPrecision() {
    return false;
  }

  /**
   * Plans the modules of the result.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if the method cannot merge them
   */
  Planned plan(LoraContributions loras);

  /**
   * What a method would write.
   *
   * @param dtype the type of the factors
   * @param modules the modules, whose values are computed while they are written
   * @param ranks the ranks that the metadata say
   * @param approximation the error, once the modules have been written; empty if there is none
   */
  record Planned(
      DType dtype,
      List<LoraModule> modules,
      NetworkRanks ranks,
      Optional<Approximation> approximation) {

    /** Copies the list. */
    public Planned {
      modules = List.copyOf(modules);
    }

    /** An exact result whose ranks are those of its modules. */
    static Planned exact(DType dtype, List<LoraModule> modules) {
      return new Planned(
          dtype, modules, new NetworkRanks.OfModules(LoraRanks.of(modules)), Optional.empty());
    }
  }

  /** The ranks that the metadata of a result say. */
  sealed interface NetworkRanks {

    /** Those of its modules. */
    record OfModules(LoraRanks ranks) implements NetworkRanks {}

    /** What kohya's script says, and no more. */
    record Historic(String dim, String alpha) implements NetworkRanks {}
  }
}
