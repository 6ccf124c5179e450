package athanor.adapter.format;

import athanor.delta.Change;
import athanor.delta.DenseDelta;
import athanor.error.Problem;
import athanor.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A difference of a weight or of its bias, stored in full, in LyCORIS's two spellings. */
public final class StoredDifference implements MergingFormat {
  /** Difference of a weight, shaped like it. */
  public static final Part WEIGHT = new Part("difference", "weight");

  /** Difference of a bias. */
  public static final Part BIAS = new Part("difference", "bias");

  private final String label;
  private final List<Suffix> suffixes;

  private StoredDifference(String label, String weight, String bias) {
    this.label = label;
    this.suffixes = List.of(Suffix.of(weight, WEIGHT), Suffix.of(bias, BIAS));
  }

  /** Of linear layers and convolutions. */
  static StoredDifference ofLayers() {
    return new StoredDifference("full difference", ".diff", ".diff_b");
  }

  /** Of normalisation layers. */
  static StoredDifference ofNorms() {
    return new StoredDifference("norm difference", ".w_norm", ".b_norm");
  }

  /** The key of the part of a module. */
  public String key(String module, Part part) {
    return module
        + suffixes.stream().filter(s -> s.part().equals(part)).findFirst().orElseThrow().text();
  }

  @Override
  public String label() {
    return label;
  }

  @Override
  public List<Suffix> suffixes() {
    return suffixes;
  }

  @Override
  public Optional<Problem> problem(ModuleTensors module) {
    return module
        .typeProblem("a difference", module.find(WEIGHT).stream().toList())
        .or(() -> module.typeProblem("a difference", module.find(BIAS).stream().toList()));
  }

  @Override
  public boolean isIdle(ModuleTensors module, ZeroParts zeros) {
    return zeros.all(WEIGHT, BIAS);
  }

  @Override
  public ModuleSize size(ModuleTensors module) {
    return module.sizeOf(WEIGHT);
  }

  /** None. */
  @Override
  public OptionalLong rank(ModuleTensors module) {
    return OptionalLong.empty();
  }

  @Override
  public List<Change> changes(ModuleTensors module, Destination destination) {
    List<Change> changes = new ArrayList<>();
    module
        .find(WEIGHT)
        .ifPresent(weight -> {
          Shape shape = weight.shape();
          changes.add(
              new Change.Add(
                  DenseDelta.of(module.source(), weight, 1),
                  destination.weight(shape.rows(), shape.columns(), weight, weight)));
        });
    module
        .find(BIAS)
        .ifPresent(bias ->
            changes.add(
                new Change.Add(
                    DenseDelta.ofVector(module.source(), bias, 1), destination.bias(bias))));
    return changes;
  }
}
