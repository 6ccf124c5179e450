package athanor.report;

import athanor.adapter.AdapterFile;
import athanor.error.Problem;
import athanor.job.Candidate;
import athanor.model.Architecture;
import athanor.model.LoraArchitecture;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A LoRA that was judged among those that it is to be merged with.
 *
 * @param file its name
 * @param ratio its ratio
 * @param fits whether it can take part
 * @param madeFor its architecture in words; a dash where it is no LoRA
 * @param match its modules against the common architecture
 * @param traits what it is made of
 * @param problem why it cannot take part
 * @param ownModules number of modules of a LoRA of another architecture
 */
@LineName(value = "lora", when = "among LoRAs")
public record CompanionLora(
    String file,
    double ratio,
    boolean fits,
    String madeFor,
    @Inline Optional<Match> match,
    @Inline Optional<LoraTraits> traits,
    Optional<Problem> problem,
    @ForText Optional<Integer> ownModules)
    implements Result, CheckedLora {
  private static final String NO_LORA = "–";

  /**
   * Its modules against the common architecture.
   *
   * @param applied number of modules that have a target there
   * @param modules number of its modules
   */
  public record Match(int applied, int modules) {}

  /** A LoRA of an opened merge. */
  public static CompanionLora of(Candidate candidate) {
    return new CompanionLora(
        candidate.input().name(),
        candidate.input().strength().ratio(),
        candidate.fits(),
        candidate.file().map(CompanionLora::madeFor).orElse(NO_LORA),
        candidate.match().map(match -> new Match(match.applied(), match.total())),
        candidate.file().flatMap(LoraTraits::of),
        candidate.refusal(),
        candidate.file().map(file -> file.modules().size()));
  }

  private static String madeFor(AdapterFile file) {
    return switch (file.madeFor()) {
      case LoraArchitecture.Certain certain -> certain.architecture().label();
      case LoraArchitecture.OneOf several ->
          several.candidates().stream()
              .map(Architecture::label)
              .collect(Collectors.joining(" or "));
      case LoraArchitecture.Undetermined _ -> "?";
    };
  }

  @Override
  public Optional<String> architecture() {
    return Optional.of(madeFor);
  }

  @Override
  public Optional<String> moduleCount() {
    return match
        .map(found -> found.applied() + " of " + found.modules())
        .or(() -> ownModules.map(String::valueOf));
  }

  @Override
  public Optional<String> askedWeights() {
    return Optional.empty();
  }

  @Override
  public Optional<PartWeights> partWeights() {
    return Optional.empty();
  }

  @Override
  public List<BlockLine> blocks() {
    return List.of();
  }

  @Override
  public List<LeftOut> leftOut() {
    return List.of();
  }
}
