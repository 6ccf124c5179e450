package athanor.adapter.format;

import athanor.delta.Change;
import athanor.delta.MagnitudeTransform;
import athanor.delta.Placement;
import athanor.delta.Side;
import athanor.error.Problem;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Weight decomposition beside LoRA, LoHa or whatever else is added: W′ = m · V / ‖V‖, V = W + ΔW.
 * There is a magnitude for each output ({@code [out]}, {@code [out, 1, …]}; all of PEFT and
 * ai-toolkit, LyCORIS today) or for each input ({@code [1, in, …]}; OneTrainer, older LyCORIS). The
 * stored shape tells which, for square weights too. PEFT stores those of a convolution's outputs as
 * {@code [1, out, 1, 1]}; its name tells.
 */
final class Dora implements WrappingFormat {
  static final Part SCALE = new Part("DoRA", "dora_scale");
  static final Part VECTOR = new Part("DoRA", "lora_magnitude_vector");

  @Override
  public String label() {
    return "DoRA";
  }

  /** {@code DoRA per output} or {@code DoRA per input}; {@code DoRA} if a file has both. */
  @Override
  public String kind(List<ModuleTensors> modules) {
    Set<Side> sides =
        modules.stream().flatMap(module -> side(module).stream()).collect(Collectors.toSet());
    return sides.size() == 1 ? label() + " per " + sides.iterator().next().word() : label();
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".dora_scale", SCALE),
        Suffix.of(".magnitude", SCALE),
        Suffix.of(".lora_magnitude_vector", VECTOR),
        Suffix.of(".lora_magnitude_vector.weight", VECTOR),
        Suffix.of(".lora_magnitude_vector.*", VECTOR),
        Suffix.of(".lora_magnitude_vector.*.weight", VECTOR));
  }

  private static TensorInfo magnitude(ModuleTensors module) {
    return module.find(SCALE).or(() -> module.find(VECTOR)).orElseThrow();
  }

  /** What the magnitudes belong to; empty if their shape is neither. */
  private static Optional<Side> side(ModuleTensors module) {
    Shape shape = magnitude(module).shape();
    long count = shape.elementCount();
    if (shape.rank() == 0 || count == 0) {
      return Optional.empty();
    }
    if (shape.dim(0) == count) {
      return Optional.of(Side.OUTPUTS);
    }
    if (shape.dim(0) == 1 && shape.dim(1) == count) {
      return Optional.of(module.has(SCALE) ? Side.INPUTS : Side.OUTPUTS);
    }
    return Optional.empty();
  }

  @Override
  public Optional<Problem> problem(ModuleTensors module) {
    if (module.has(SCALE) && module.has(VECTOR)) {
      return Optional.of(
          module
              .broken("the module has two magnitudes")
              .found(module.get(SCALE).key() + " and " + module.get(VECTOR).key()));
    }
    TensorInfo magnitude = magnitude(module);
    Optional<Problem> type = module.typeProblem("the magnitude", List.of(magnitude));
    if (type.isPresent() || side(module).isPresent()) {
      return type;
    }
    return Optional.of(
        module
            .broken("the magnitude belongs to neither outputs nor inputs")
            .found(magnitude.key() + " of shape " + magnitude.shape())
            .expected("[out], [out, 1] or [1, in], with 1 for each side of a kernel"));
  }

  /**
   * A pair whose training is said to have been DoRA: without its magnitudes it would be merged as
   * something that nobody trained.
   */
  @Override
  public Optional<Problem> absence(ModuleTensors other, AdapterFormat format) {
    boolean ofPeft = format instanceof Lora || format instanceof EmbeddingLora;
    boolean ofLycoris = format instanceof Lora || format instanceof Loha || format instanceof Lokr;
    Optional<String> said =
        ofPeft ? other.config().needing(other.module(), TrainingField.DORA) : Optional.empty();
    if (said.isEmpty() && ofLycoris && !isDyLora(other)) {
      said = NetworkArguments.needing(other.source(), TrainingField.DORA);
    }
    return said.map(field ->
        other
            .broken("the magnitude of a DoRA is missing")
            .found(field + " true in the configuration of the training")
            .expected("a tensor dora_scale or lora_magnitude_vector beside the pair")
            .help(
                "a program that knows no DoRA has converted this file; get it as its trainer"
                    + " wrote it, or leave it out"));
  }

  /** DyLoRA takes the setting and does not follow it. */
  private static boolean isDyLora(ModuleTensors module) {
    return NetworkArguments.value(module.source(), "algo")
        .filter(algo -> algo.equalsIgnoreCase("dylora"))
        .isPresent();
  }

  @Override
  public List<Change> wrap(ModuleTensors module, Destination destination, List<Change> inner) {
    List<Change> changes = new ArrayList<>();
    List<Change.Add> sum = new ArrayList<>();
    for (Change change : inner) {
      if (!change.rows().equals(destination.weight().rows())) {
        changes.add(change);
      } else if (change instanceof Change.Add add) {
        sum.add(add);
      } else {
        throw module
            .broken("a DoRA magnitude stands beside a change that is not added to the weight")
            .expected("LoRA, LoHa, LoKr or a full difference beside it")
            .toException();
      }
    }
    Placement place = place(module, sum);
    TensorInfo magnitude = magnitude(module);
    Side side = side(module).orElseThrow();
    long length = side.length(place.shape());
    if (magnitude.shape().elementCount() != length) {
      throw destination
          .misfit(magnitude, "one value for each of the " + length + " " + side.word() + "s")
          .toException();
    }
    changes.addFirst(
        new Change.Transform(new MagnitudeTransform(module.source(), magnitude, side, sum), place));
    return changes;
  }

  /** Where the sum goes; a part of the inputs if all of it goes there. */
  private static Placement place(ModuleTensors module, List<Change.Add> sum) {
    if (sum.isEmpty()) {
      throw module.broken("a DoRA magnitude has no change of the weight beside it").toException();
    }
    Placement place = sum.getFirst().place();
    if (sum.stream().anyMatch(add -> !add.place().equals(place))) {
      throw module.broken("the changes beside a DoRA magnitude differ in size").toException();
    }
    return place;
  }
}
