package athanor.merge.method.mix;

import athanor.error.Problem;
import athanor.merge.method.MethodParameter;
import athanor.merge.method.ParameterType;
import athanor.merge.method.Settings;
import java.util.List;

/** Parameters that methods have in common that take parts out of changes. */
final class SparseParameters {
  static final MethodParameter<Double> DENSITY =
      new MethodParameter<>(
          "density",
          List.of("--density"),
          "SHARE",
          ParameterType.share(),
          "ties, dare, della, breadcrumbs: share of every change that is kept, such as 0.6.");

  static final MethodParameter<SignElection> SIGN =
      new MethodParameter<>(
          "sign",
          List.of("--sign"),
          "S",
          new ParameterType.Word<>("election of signs", SignElection.NAMES, SignElection::parse),
          "Which changes are taken where signs differ: those with the sign of the total, or of the"
              + " most, or all (none).");

  static final MethodParameter<Normalization> NORMALIZE =
      new MethodParameter<>(
          "normalize",
          List.of("--normalize"),
          "N",
          new ParameterType.Word<>("normalization", Normalization.NAMES, Normalization::parse),
          "What the sum of the changes is divided by: their count, the sum of their ratios"
              + " (weights), or none.");

  static final MethodParameter<Long> SEED =
      new MethodParameter<>(
          "seed",
          List.of("--seed"),
          "N",
          ParameterType.seed(),
          "dare, della: what the random choice begins with; default 0. The same seed, the same"
              + " result.");

  private SparseParameters() {}

  static double density(Settings settings) {
    return settings.get(DENSITY).orElse(1.0);
  }

  /** Refuses settings without a density. */
  static void requireDensity(String method, Settings settings) {
    if (!settings.has(DENSITY)) {
      throw Problem.usage("method " + method + " needs to know how much of a change to keep")
          .expected("a share")
          .help("add --density 0.6 (in a recipe: density: 0.6)")
          .toException();
    }
  }
}
