package athanor.report;

import athanor.error.Problem;
import athanor.job.Candidate;
import athanor.merge.plan.PlannedLora;
import java.util.List;
import java.util.Optional;

/**
 * A LoRA that was judged against a base.
 *
 * @param file its name
 * @param ratio its ratio
 * @param fits whether it can be merged
 * @param match where its modules go; empty where it is no LoRA
 * @param traits what it is made of
 * @param problem why it does not fit
 * @param askedWeights the weights of its parts in words, if they have their own
 * @param leftOut its modules without a target
 */
@LineName(value = "lora", when = "against a base")
public record FittingLora(
    String file,
    double ratio,
    boolean fits,
    @Inline Optional<Match> match,
    @Inline Optional<LoraTraits> traits,
    Optional<Problem> problem,
    @ForText Optional<String> askedWeights,
    @ForText List<LeftOut> leftOut)
    implements Result, CheckedLora {

  /**
   * Where its modules go.
   *
   * @param applied number of modules that would be applied
   * @param modules number of its modules
   * @param madeFor its architecture in words
   * @param partWeights what is special about its parts
   * @param blocks what each block gets
   */
  public record Match(
      int applied,
      int modules,
      String madeFor,
      @Inline Optional<PartWeights> partWeights,
      @ForText List<BlockLine> blocks) {

    private static Match of(PlannedLora lora) {
      return new Match(
          lora.applied(),
          lora.match().total(),
          lora.match().madeForText(),
          PartWeights.of(lora),
          BlockLine.of(lora));
    }
  }

  /** A LoRA of an opened merge. */
  public static FittingLora of(Candidate candidate) {
    return new FittingLora(
        candidate.input().name(),
        candidate.input().strength().ratio(),
        candidate.fits(),
        candidate.planned().map(Match::of),
        candidate.match().flatMap(match -> LoraTraits.of(match.file())),
        candidate.refusal(),
        PartWeights.text(candidate.input().strength()),
        candidate.match().stream()
            .flatMap(match -> match.withoutTarget().entrySet().stream())
            .map(entry -> new LeftOut(entry.getKey(), List.copyOf(entry.getValue())))
            .toList());
  }

  @Override
  public Optional<String> architecture() {
    return match.map(Match::madeFor);
  }

  @Override
  public Optional<String> moduleCount() {
    return match.map(found -> found.applied() + " of " + found.modules());
  }

  @Override
  public Optional<PartWeights> partWeights() {
    return match.flatMap(Match::partWeights);
  }

  @Override
  public List<BlockLine> blocks() {
    return match.map(Match::blocks).orElse(List.of());
  }
}
