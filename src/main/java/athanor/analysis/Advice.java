package athanor.analysis;

import athanor.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Sentences that follow from the figures by {@link Rules}: rules of thumb, each one sentence
 * without a full stop.
 */
public final class Advice {
  private final Analysis analysis;
  private final List<String> names;
  private final List<String> sentences = new ArrayList<>();

  private Advice(Analysis analysis, List<String> names) {
    this.analysis = analysis;
    this.names = names;
  }

  /**
   * What the figures suggest.
   *
   * @param names of the LoRAs, in their order
   */
  public static List<String> of(Analysis analysis, List<String> names) {
    var advice = new Advice(analysis, names);
    for (int lora = 0; lora < names.size(); lora++) {
      advice.aboutContents(lora);
      advice.aboutLoudness(lora);
      advice.aboutRank(lora);
      advice.aboutRounding(lora);
    }
    analysis.pairs().forEach(advice::aboutPair);
    advice.aboutPush();
    return List.copyOf(advice.sentences);
  }

  private void say(String format, Object... values) {
    sentences.add(String.format(Locale.ROOT, format, values));
  }

  private void aboutContents(int lora) {
    LoraFigures figures = analysis.loras().get(lora);
    int dead = figures.dead().size();
    if (dead > 0) {
      say(
          "%s: %d of its %d tensors change nothing, as their factors are all zero",
          names.get(lora), dead, figures.tensors());
    }
    int concentrated = figures.concentrated().size();
    if (concentrated > figures.tensors() / 2) {
      say(
          "%s: one direction carries nearly all of %d tensors; such LoRAs are often overtrained",
          names.get(lora), concentrated);
    }
    if (figures.dependent() > 0) {
      say(
          "%s: %d modules depend on the weight they change and are in none of these figures",
          names.get(lora), figures.dependent());
    }
  }

  private void aboutLoudness(int lora) {
    double own = analysis.whole().norm(lora);
    double[] others = new double[names.size() - 1];
    for (int i = 0, j = 0; i < names.size(); i++) {
      if (i != lora) {
        others[j++] = analysis.whole().norm(i);
      }
    }
    Arrays.sort(others);
    double median = others.length == 0 ? 0 : others[others.length / 2];
    if (median > 0 && own > Rules.LOUDER * median) {
      say(
          "%s is %.1f times as loud as the others; %.2g times its ratio would balance them",
          names.get(lora), own / median, analysis.loras().get(lora).balanced());
    }
  }

  private void aboutRank(int lora) {
    LoraFigures figures = analysis.loras().get(lora);
    for (Map.Entry<Integer, Double> kept : figures.kept().entrySet()) {
      if (kept.getKey() * 2 <= figures.rank() && kept.getValue() >= Rules.ENOUGH_ENERGY) {
        say(
            "%s: rank %d keeps %.1f %% of what it does at rank %d (athanor resize --rank %d)",
            names.get(lora), kept.getKey(), 100 * kept.getValue(), figures.rank(), kept.getKey());
        return;
      }
    }
  }

  private void aboutRounding(int lora) {
    for (Map.Entry<DType, RoundingSample.Sums> stored :
        analysis.loras().get(lora).rounding().entrySet()) {
      double survival = stored.getValue().survival();
      if (survival < Rules.POOR_SURVIVAL) {
        say(
            "%s: stored as %s, only %.0f %% of its change survives, and %.0f %% of the weights stay"
                + " as they were",
            names.get(lora),
            stored.getKey().name().toLowerCase(Locale.ROOT),
            100 * survival,
            100 * stored.getValue().unchanged());
      }
    }
  }

  private void aboutPair(PairFigures pair) {
    String both = names.get(pair.one()) + " and " + names.get(pair.other());
    switch (pair.relation()) {
      case AGAINST ->
          say("%s fight: they point against each other (cosine %.2f)", both, pair.cosine());
      case ALIKE ->
          say(
              "%s do much the same (cosine %.2f); together they are louder than each",
              both, pair.cosine());
      case SIDE_BY_SIDE, APART -> {}
    }
  }

  private void aboutPush() {
    double push = analysis.whole().relativePush();
    if (push >= Rules.RISKY_PUSH) {
      say("together they push the weights by %.0f %%; results often break there", 100 * push);
    } else if (push >= Rules.STRONG_PUSH) {
      say("together they push the weights by %.0f %%; results may be overdone", 100 * push);
    }
  }
}
