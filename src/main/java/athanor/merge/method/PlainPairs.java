package athanor.merge.method;

import athanor.error.Problem;
import athanor.merge.lora.LoraFormat;
import athanor.merge.lora.LoraModule;
import athanor.merge.lora.LoraRanks;
import athanor.merge.lora.sum.LoraSum;
import athanor.merge.lora.sum.ModuleSum;
import athanor.merge.method.LoraMethod.NetworkRanks;
import athanor.merge.method.LoraMethod.Planned;
import athanor.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a LoRA of any additive format adds, as plain low-rank pairs: exactly where it has factors of
 * a rank that the limits allow, else as the nearest pair within them. Differences of norms and
 * biases, which no pair can hold, stay differences.
 */
public final class PlainPairs {
  private PlainPairs() {}

  /**
   * Plans the pairs. Reads values only if a share of energy is to be kept.
   *
   * @param sum what is added
   * @param limits how far ranks may go down; {@link RankLimits#NONE} for exact pairs only
   * @param format the spelling of the result
   * @param dtype the type of its factors
   * @throws athanor.error.AthanorException of kind USAGE if there are no limits and a module has no
   *     exact pair, of kind INCOMPATIBLE if the format has no place for a difference
   */
  public static Planned of(
      LoraSum sum,
      RankLimits limits,
      LoraFormat format,
      DType dtype,
      LoraContributions.Measuring measuring) {
    List<ModuleSum> exact = new ArrayList<>();
    List<ModuleSum> others = new ArrayList<>();
    for (ModuleSum module : sum.modules()) {
      (isExact(module, limits) ? exact : others).add(module);
    }
    requireLimits(sum, others, limits);
    List<LoraModule> modules =
        new ArrayList<>(new ConcatenatedModules(format, dtype).of(new LoraSum(exact)));
    if (others.isEmpty()) {
      return Planned.exact(dtype, modules);
    }
    Planned rest = reduced(new LoraSum(others), limits, format, dtype, measuring);
    modules.addAll(rest.modules());
    return new Planned(
        dtype, modules, new NetworkRanks.OfModules(LoraRanks.of(modules)), rest.approximation());
  }

  /**
   * Plans pairs of lower rank, each the nearest that the limits allow; the approximation tells of
   * every module, exact or not. Reads values only if a share of energy is to be kept.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if the format has no place for a
   *     difference
   */
  public static Planned reduced(
      LoraSum sum,
      RankLimits limits,
      LoraFormat format,
      DType dtype,
      LoraContributions.Measuring measuring) {
    var svd = new RecompressedSum(format, dtype, limits, true);
    List<LoraModule> modules = svd.of(sum, svd.ranks(sum, measuring));
    return new Planned(
        dtype,
        modules,
        new NetworkRanks.OfModules(LoraRanks.of(modules)),
        Optional.of(svd.approximation()));
  }

  private static boolean isExact(ModuleSum module, RankLimits limits) {
    if (!module.isLowRank()) {
      return !module.hasMatrix();
    }
    int rank = module.stackedRank();
    return limits.keep().isEmpty() && limits.most(rank, module.isSpatial()) == rank;
  }

  private static void requireLimits(LoraSum sum, List<ModuleSum> others, RankLimits limits) {
    if (limits.equals(RankLimits.NONE) && !others.isEmpty()) {
      throw Problem.usage("not all of this LoRA has an exact form of low rank")
          .at(others.getFirst().target().kohyaName())
          .found(others.size() + " of " + sum.modules().size() + " modules of full rank")
          .expected("a rank, or a share of the energy to keep")
          .help("add --rank 64, or --keep 0.99; the error is printed")
          .toException();
    }
  }
}
