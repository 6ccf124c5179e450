package athanor.job;

import athanor.kernel.Kernels;
import athanor.merge.engine.Workers;
import athanor.merge.plan.PlannedModel;
import athanor.merge.plan.StoredPrecision;
import athanor.model.CheckpointModel;
import athanor.model.Component;
import athanor.model.block.Block;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * How far one checkpoint is from another of its architecture: ‖B − A‖ / ‖A‖ of the weights that
 * both have, as a whole, by component and by block.
 *
 * @param all every weight that both have in the same shape
 * @param components the same by component, in the order of the constants
 * @param blocks the denoiser by block, in the order of the scheme
 * @param weights each weight, the largest change first; those without a change at the end
 * @param otherShape keys of weights that have another shape in B
 * @param onlyInA keys of weights that B lacks
 * @param onlyInB keys of weights that A lacks
 */
public record CheckpointComparison(
    Part all,
    List<Part> components,
    List<Part> blocks,
    List<Weight> weights,
    List<String> otherShape,
    List<String> onlyInA,
    List<String> onlyInB) {

  /** Copies the lists. */
  public CheckpointComparison {
    components = List.copyOf(components);
    blocks = List.copyOf(blocks);
    weights = List.copyOf(weights);
    otherShape = List.copyOf(otherShape);
    onlyInA = List.copyOf(onlyInA);
    onlyInB = List.copyOf(onlyInB);
  }

  /**
   * Several weights together.
   *
   * @param name what they are
   * @param tensors their number
   * @param identical how many of them have the same values in both, as far as they were read
   * @param relativeChange ‖B − A‖ / ‖A‖; 0 if A is 0 there
   */
  public record Part(String name, int tensors, int identical, double relativeChange) {}

  /**
   * One weight.
   *
   * @param key in A
   * @param relativeChange ‖B − A‖ / ‖A‖; 0 if A is 0
   * @param identical whether both have the same values, as far as they were read
   */
  public record Weight(String key, double relativeChange, boolean identical) {}

  private record Pair(TensorInfo ours, TensorInfo theirs, Component component, Block block) {}

  /** What a comparison reads. */
  public enum Extent {
    /** A few thousand values of each weight. */
    SAMPLES,
    /** All values. */
    EVERYTHING
  }

  /**
   * Compares two checkpoints.
   *
   * @param base A
   * @param other B, of the same architecture
   * @throws athanor.error.AthanorException of kind BAD_FILE if a file cannot be read, of kind
   *     CANCELLED
   */
  public static CheckpointComparison of(
      StateDict base,
      CheckpointModel model,
      PlannedModel other,
      Extent extent,
      int threads,
      Progress progress,
      Cancellation cancellation) {
    List<Pair> pairs = new ArrayList<>();
    List<String> otherShape = new ArrayList<>();
    List<String> onlyInA = new ArrayList<>();
    Set<String> ours = new HashSet<>();
    for (TensorInfo tensor : base.tensors()) {
      String key = model.commonKey(tensor.key());
      ours.add(key);
      if (!StoredPrecision.appliesTo(tensor, model)) {
        continue;
      }
      Optional<TensorInfo> counterpart = other.find(key);
      if (counterpart.isEmpty()) {
        onlyInA.add(tensor.key());
      } else if (counterpart.get().shape().elementCount() != tensor.shape().elementCount()) {
        otherShape.add(tensor.key());
      } else {
        pairs.add(
            new Pair(
                tensor,
                counterpart.get(),
                model.componentOf(tensor.key()),
                model.blockOf(tensor.key())));
      }
    }
    List<String> onlyInB =
        other.file().tensors().stream()
            .filter(tensor -> StoredPrecision.appliesTo(tensor, other.model()))
            .map(TensorInfo::key)
            .filter(key -> !ours.contains(other.model().commonKey(key)))
            .toList();
    ValueComparison[] found =
        compare(base, other.file(), pairs, extent, threads, progress, cancellation);
    return of(pairs, found, otherShape, onlyInA, onlyInB);
  }

  private static ValueComparison[] compare(
      StateDict base,
      StateDict other,
      List<Pair> pairs,
      Extent extent,
      int threads,
      Progress progress,
      Cancellation cancellation) {
    var found = new ValueComparison[pairs.size()];
    var reader = new ValueComparison.Reader(base, other, Kernels.create());
    progress.begin(
        "comparing", pairs.stream().mapToLong(pair -> pair.ours().byteSize()).sum(), found.length);
    try {
      new Workers(threads, cancellation)
          .forEach(
              found.length,
              i -> {
                Pair pair = pairs.get(i);
                found[i] = reader.compare(pair.ours(), pair.theirs(), extent);
                progress.advance(pair.ours().byteSize(), 1);
              });
    } finally {
      progress.end();
    }
    return found;
  }

  private static CheckpointComparison of(
      List<Pair> pairs,
      ValueComparison[] found,
      List<String> otherShape,
      List<String> onlyInA,
      List<String> onlyInB) {
    List<Weight> weights =
        IntStream.range(0, found.length)
            .mapToObj(i ->
                new Weight(pairs.get(i).ours().key(), found[i].relative(), found[i].isIdentical()))
            .sorted(
                Comparator.comparing(Weight::identical)
                    .thenComparing(Comparator.comparingDouble(Weight::relativeChange).reversed()))
            .toList();
    List<Pair> denoiser =
        pairs.stream()
            .filter(pair ->
                pair.component() == Component.UNET || pair.component() == Component.TRANSFORMER)
            .toList();
    return new CheckpointComparison(
        grouped(pairs, pairs, found, pair -> "all", name -> name).getFirst(),
        grouped(pairs, pairs, found, Pair::component, Component::label),
        grouped(pairs, denoiser, found, Pair::block, Block::name),
        weights,
        otherShape,
        onlyInA,
        onlyInB);
  }

  private static <K extends Comparable<? super K>> List<Part> grouped(
      List<Pair> all,
      List<Pair> wanted,
      ValueComparison[] found,
      Function<Pair, K> group,
      Function<K, String> name) {
    Set<Pair> chosen = new HashSet<>(wanted);
    Map<K, List<ValueComparison>> groups = new TreeMap<>();
    for (int i = 0; i < found.length; i++) {
      if (chosen.contains(all.get(i))) {
        groups.computeIfAbsent(group.apply(all.get(i)), k -> new ArrayList<>()).add(found[i]);
      }
    }
    List<Part> parts = new ArrayList<>();
    groups.forEach((key, values) ->
        parts.add(
            new Part(
                name.apply(key),
                values.size(),
                (int) values.stream().filter(ValueComparison::isIdentical).count(),
                ValueComparison.sum(values).relative())));
    return parts.isEmpty() && all.equals(wanted) ? List.of(new Part("all", 0, 0, 0)) : parts;
  }

  /** The component of this kind; empty if not both have it. */
  public Optional<Part> component(Component component) {
    return components.stream().filter(part -> part.name().equals(component.label())).findFirst();
  }
}
