package athanor.analysis;

import athanor.tensor.DType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What LoRAs do, alone and together.
 *
 * @param loras each, in their order
 * @param pairs each two of them
 * @param components sums over each component, in order
 * @param blocks sums over each block, in order
 * @param whole the sum of everything
 */
public record Analysis(
    List<LoraFigures> loras,
    List<PairFigures> pairs,
    Map<Area, Energies> components,
    Map<Area, Energies> blocks,
    Energies whole) {
  /** Ranks that {@link LoraFigures#kept} is given for. */
  private static final List<Integer> RANKS = List.of(1, 2, 4, 8, 16, 32, 64, 128, 256);

  /**
   * Sums measurements up.
   *
   * @param dependent for each LoRA, its modules that were not measured
   * @param measured every tensor, in a fixed order
   * @param bases the energy of each tensor of the base; all 0 without one
   * @param rounding for each tensor and each of its parts, what formats leave of it; empty without
   *     a base
   */
  public static Analysis of(
      List<Integer> dependent,
      List<Measurement> measured,
      List<Double> bases,
      List<List<Map<DType, RoundingSample.Sums>>> rounding) {
    int count = dependent.size();
    Map<Area, Energies> components = new TreeMap<>();
    Map<Area, Energies> blocks = new TreeMap<>();
    Energies whole = Energies.none(count);
    for (int i = 0; i < measured.size(); i++) {
      Measurement one = measured.get(i);
      double base = bases.get(i);
      Area block = Area.of(one);
      add(blocks, block, one, base, count);
      add(components, block.whole(), one, base, count);
      whole = whole.with(one, base);
    }
    double mean = 0;
    int loud = 0;
    for (int lora = 0; lora < count; lora++) {
      double energy = whole.products()[lora][lora];
      mean += energy;
      loud += energy > 0 ? 1 : 0;
    }
    List<LoraFigures> loras = new ArrayList<>();
    for (int lora = 0; lora < count; lora++) {
      double energy = whole.products()[lora][lora];
      double balanced = energy > 0 ? Math.sqrt(mean / loud / energy) : 1;
      loras.add(figures(lora, dependent.get(lora), measured, balanced, rounding));
    }
    List<PairFigures> pairs = new ArrayList<>();
    for (int one = 0; one < count; one++) {
      for (int other = one + 1; other < count; other++) {
        pairs.add(pair(one, other, measured, blocks, whole));
      }
    }
    return new Analysis(loras, pairs, components, blocks, whole);
  }

  private static PairFigures pair(
      int one, int other, List<Measurement> measured, Map<Area, Energies> blocks, Energies whole) {
    int common = 0;
    double weights = 0;
    double[] sums = new double[4];
    for (Measurement at : measured) {
      common += at.has(one) && at.has(other) ? 1 : 0;
      for (Overlap overlap : at.overlaps()) {
        if (at.parts().get(overlap.one()).lora() == one
            && at.parts().get(overlap.other()).lora() == other) {
          double weight =
              Math.sqrt(
                  at.products()[overlap.one()][overlap.one()]
                      * at.products()[overlap.other()][overlap.other()]);
          weights += weight;
          sums[0] += weight * overlap.inputs();
          sums[1] += weight * overlap.inputsByChance();
          sums[2] += weight * overlap.outputs();
          sums[3] += weight * overlap.outputsByChance();
        }
      }
    }
    Optional<Area> most = Optional.empty();
    double mostCosine = 0;
    for (var block : blocks.entrySet()) {
      double cosine = block.getValue().cosine(one, other);
      if (Math.abs(cosine) > Math.abs(mostCosine)) {
        most = Optional.of(block.getKey());
        mostCosine = cosine;
      }
    }
    double divisor = weights == 0 ? 1 : weights;
    return new PairFigures(
        one,
        other,
        common,
        whole.cosine(one, other),
        sums[0] / divisor,
        sums[1] / divisor,
        sums[2] / divisor,
        sums[3] / divisor,
        most,
        mostCosine);
  }

  private static void add(
      Map<Area, Energies> sums, Area area, Measurement measured, double base, int count) {
    sums.put(area, sums.getOrDefault(area, Energies.none(count)).with(measured, base));
  }

  private static LoraFigures figures(
      int lora,
      int dependent,
      List<Measurement> measured,
      double balanced,
      List<List<Map<DType, RoundingSample.Sums>>> rounding) {
    int tensors = 0;
    int rank = 0;
    double weights = 0;
    double effective = 0;
    double[] kept = new double[RANKS.size()];
    List<String> dead = new ArrayList<>();
    List<String> concentrated = new ArrayList<>();
    Map<DType, RoundingSample.Sums> stored = new EnumMap<>(DType.class);
    for (int i = 0; i < measured.size(); i++) {
      Measurement one = measured.get(i);
      for (int part = 0; part < one.parts().size(); part++) {
        if (one.parts().get(part).lora() != lora) {
          continue;
        }
        tensors++;
        if (one.isDead(part)) {
          dead.add(one.key());
        }
        if (!rounding.isEmpty()) {
          rounding
              .get(i)
              .get(part)
              .forEach((type, sums) -> stored.merge(type, sums, RoundingSample.Sums::plus));
        }
        Spectrum spectrum = one.parts().get(part).spectrum().orElse(null);
        if (spectrum == null) {
          continue;
        }
        rank = Math.max(rank, spectrum.energies().length);
        double energy = spectrum.total();
        weights += energy;
        effective += energy * spectrum.effectiveRank();
        for (int r = 0; r < kept.length; r++) {
          kept[r] += spectrum.kept(RANKS.get(r));
        }
        if (spectrum.energies().length >= Rules.ENOUGH_DIRECTIONS
            && spectrum.strongest() > Rules.CONCENTRATED) {
          concentrated.add(one.key());
        }
      }
    }
    Map<Integer, Double> shares = new TreeMap<>();
    for (int r = 0; r < kept.length && weights > 0; r++) {
      shares.put(RANKS.get(r), Math.min(1, kept[r] / weights));
      if (RANKS.get(r) >= rank) {
        break;
      }
    }
    return new LoraFigures(
        tensors,
        dead,
        concentrated,
        dependent,
        rank,
        weights > 0 ? effective / weights : 0,
        shares,
        balanced,
        stored);
  }
}
