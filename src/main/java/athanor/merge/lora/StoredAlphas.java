package athanor.merge.lora;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterModule;
import athanor.adapter.format.Part;
import athanor.adapter.format.PeftConfig;
import athanor.error.Problem;
import athanor.merge.plan.TensorPlan;
import athanor.merge.plan.TensorSource;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Alphas for modules whose scale stands in a configuration, for a copy of the file that comes
 * without it.
 *
 * @param tensors one alpha for each such module, float32; none if every scale is 1
 */
public record StoredAlphas(List<TensorPlan> tensors) {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Methods of PEFT whose configuration tells nothing but the scale. */
  private static final Set<String> SCALED = Set.of("LORA", "LOHA", "LOKR");

  /** Copies the list. */
  public StoredAlphas {
    tensors = List.copyOf(tensors);
  }

  /**
   * The alphas that a copy of a LoRA needs.
   *
   * @param source a LoRA
   * @param metadataStay whether its metadata stay with the copy
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if the configuration says more than
   *     alphas can, so that the copy would be another LoRA
   */
  public static StoredAlphas of(StateDict source, boolean metadataStay) {
    boolean stays = metadataStay && source.metadata().containsKey(PeftConfig.METADATA_KEY);
    if (stays) {
      return new StoredAlphas(List.of());
    }
    AdapterFile file = AdapterFile.of(source);
    Optional<Problem> refusal = file.refusal().or(() -> otherMethod(file));
    if (refusal.isPresent()) {
      throw refusal.get().toException();
    }
    boolean scaled = false;
    List<TensorPlan> alphas = new ArrayList<>();
    for (AdapterModule module : file.modules()) {
      boolean stored =
          module.tensor(Part.ALPHA).isPresent() || module.tensor(Part.SCALE).isPresent();
      OptionalDouble scale =
          stored || module.rank() == 0
              ? OptionalDouble.empty()
              : file.config().scaleOf(module.name(), module.rank());
      if (scale.isPresent()) {
        scaled |= scale.getAsDouble() != 1;
        alphas.add(alpha(module, (float) (scale.getAsDouble() * module.rank())));
      }
    }
    return new StoredAlphas(scaled ? alphas : List.of());
  }

  private static Optional<Problem> otherMethod(AdapterFile file) {
    return file.config()
        .method()
        .filter(method -> !SCALED.contains(method.toUpperCase(Locale.ROOT)))
        .map(method ->
            Problem.incompatible("the copy would be without the configuration of this adapter")
                .at(file.name())
                .found("peft_type: " + method + ", whose configuration says how it is calculated")
                .expected("LoRA, LoHa or LoKr, whose scale can be stored as alpha")
                .help("use the file as it is"));
  }

  private static TensorPlan alpha(AdapterModule module, float alpha) {
    var info = new TensorInfo(module.name() + ".alpha", DType.F32, Shape.of());
    MemorySegment value = MemorySegment.ofArray(new byte[Float.BYTES]);
    value.set(FLOAT, 0, alpha);
    return new TensorPlan(new TensorSource.Constant(info, value), info, List.of());
  }

  /** What was done, in a sentence; empty if nothing was. */
  public List<String> notes() {
    return tensors.isEmpty()
        ? List.of()
        : List.of(
            "alpha = scale · rank was added to "
                + tensors.size()
                + " modules, because the configuration that has it does not go with the result");
  }
}
