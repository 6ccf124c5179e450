package athanor.report;

import athanor.merge.plan.MergePlan;
import athanor.merge.plan.MixedModel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What of a checkpoint went into a result.
 *
 * @param file its name
 * @param minus the file that it was taken as a change from, if that is not the base
 * @param ratio its ratio
 * @param weights what is special about its parts
 * @param tensors number of tensors of the base that could be combined
 * @param mixed number of them into which it brought other values
 * @param identical number of them in which it has the values that it is a change from
 * @param left number of them that it did not contribute to
 * @param weightsText the weights in words
 * @param blocks what each block gets
 */
public record MixedCheckpoint(
    String file,
    Optional<String> minus,
    double ratio,
    Optional<PartWeights.Asked> weights,
    int tensors,
    int mixed,
    int identical,
    int left,
    @ForText String weightsText,
    @ForText List<BlockLine> blocks) {

  /**
   * The checkpoints of a finished merge.
   *
   * @param differing by number, in how many tensors a checkpoint has other values
   */
  static List<MixedCheckpoint> of(MergePlan plan, Map<Integer, Integer> differing) {
    return IntStream.range(0, plan.mix().models().size())
        .mapToObj(i -> of(plan, i, differing.getOrDefault(i, 0)))
        .toList();
  }

  private static MixedCheckpoint of(MergePlan plan, int contribution, int mixed) {
    MixedModel model = plan.mix().models().get(contribution);
    int combined = plan.combined(contribution);
    int all = plan.combinable();
    String text = model.strength().partsText();
    return new MixedCheckpoint(
        model.model().file().name(),
        model.minus().map(minus -> minus.file().name()),
        model.strength().ratio(),
        text.isEmpty() ? Optional.empty() : Optional.of(PartWeights.asked(model.strength())),
        all,
        mixed,
        combined - mixed,
        all - combined,
        text,
        model.blockFactors(plan.base(), plan.model()).stream().map(BlockLine::of).toList());
  }
}
