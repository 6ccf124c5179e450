package athanor.merge.method.mix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import athanor.delta.Combination;
import athanor.delta.CombinedRows;
import athanor.delta.LoadedCombination;
import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.kernel.Kernels;
import athanor.merge.method.MethodDescription;
import athanor.merge.method.MethodParameter;
import athanor.merge.method.MixMethod;
import athanor.merge.method.Settings;
import athanor.tensor.Shape;
import athanor.testkit.Gen;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Methods that combine checkpoints, against values that somebody else computed, and their laws. */
class MixMethodsTest {
  private static final int ROWS = 4;
  private static final int COLUMNS = 6;
  private static final String KEY = "unet.key.weight";

  /** What a golden value is of: the method, and the ratios of B and C, or of B − C. */
  private record Case(String name, MixMethod method, boolean difference, double... ratios) {
    List<float[]> values() {
      return ratios.length == 1 ? List.of(MixGolden.B) : List.of(MixGolden.B, MixGolden.C);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static final List<Case> CASES =
      List.of(
          new Case("sum", new Sum(), false, 0.4, 0.25),
          new Case("sum-twice", new SumTwice(), false, 0.4, 0.25),
          new Case("train-difference", new TrainDifference(), true, 0.75),
          new Case("smooth-add", new SmoothAdd(), true, 0.75),
          new Case("cosine-a", new CosineA(), false, 0.4),
          new Case("cosine-b", new CosineB(), false, -0.5),
          new Case("slerp", new Slerp(), false, 0.4),
          new Case("karcher", new Karcher(), false, 0.4, 0.25),
          new Case("geometric", new Geometric(), false, 0.4, 0.25),
          new Case("model-stock", new ModelStock(), false, 1, 1),
          new Case(
              "ties", new Ties(0.4, SignElection.TOTAL, Normalization.COUNT), false, 0.5, 0.75),
          new Case(
              "ties frequency weights",
              new Ties(0.7, SignElection.FREQUENCY, Normalization.WEIGHTS),
              false,
              0.5,
              0.75),
          new Case(
              "breadcrumbs",
              new Breadcrumbs(0.5, 0.1, SignElection.NONE, Normalization.NONE),
              false,
              0.5,
              0.75),
          new Case(
              "dare", new Dare(0.6, 7, SignElection.NONE, Normalization.NONE), false, 0.5, 0.75),
          new Case(
              "della",
              new Della(0.5, 0.3, 7, SignElection.TOTAL, Normalization.COUNT),
              false,
              0.5,
              0.75));

  static Stream<Arguments> cases() {
    return CASES.stream().map(one -> Arguments.argumentSet(one.name(), one));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyMethodMakesTheGoldenValues(Case one) {
    float[] made = result(one, one.values(), ROWS);
    double[] golden = MixGolden.all().get(one.name());
    for (int i = 0; i < golden.length; i++) {
      assertThat((double) made[i])
          .as("%s, value %d", one, i)
          .isCloseTo(golden[i], within(4e-7 * Math.max(1, Math.abs(golden[i]))));
    }
  }

  @Test
  void everyMethodHasGoldenValues() {
    assertThat(CASES.stream().map(one -> one.method().description()).distinct().toList())
        .containsExactlyInAnyOrderElementsOf(MixMethods.LIST.all());
    assertThat(MixGolden.all()).containsOnlyKeys(CASES.stream().map(Case::name).toList());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void rowsMayComeInAnyPieces(Case one) {
    float[] whole = result(one, one.values(), ROWS);
    Combination rule = one.method().combination(KEY);
    if (rule.rowsTogether(shape()) == 1) {
      assertThat(result(one, one.values(), 1)).isEqualTo(whole);
      assertThat(result(one, one.values(), 3)).isEqualTo(whole);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void whatIsTheSameEverywhereStaysAsItIs(Case one) {
    Gen gen = Gen.seeded("the same everywhere");
    float[] base = gen.gaussians(ROWS * COLUMNS, 1);
    float[] made = base.clone();
    List<float[]> same = one.values().stream().map(values -> base.clone()).toList();
    List<float[]> references = one.difference() ? List.of(base.clone()) : referencesTo(made, same);
    run(one, made, same, references, ROWS);
    for (int i = 0; i < base.length; i++) {
      assertThat(made[i]).isCloseTo(base[i], within(Math.ulp(base[i])));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aMethodMadeOfItsOwnSettingsIsTheSame(Case one) {
    MixMethod method = one.method();
    assertThat(method.description().method().apply(method.settings())).isEqualTo(method);
    assertThat(method.text()).startsWith(method.description().name());
  }

  private static Shape shape() {
    return Shape.of(ROWS, COLUMNS);
  }

  private static float[] result(Case one, List<float[]> values, int height) {
    float[] made = MixGolden.A.clone();
    List<float[]> references = one.difference() ? List.of(MixGolden.C) : referencesTo(made, values);
    run(one, made, values, references, height);
    return made;
  }

  private static List<float[]> referencesTo(float[] base, List<float[]> values) {
    return values.stream().map(ignored -> base).toList();
  }

  /** As the engine does: first passes over the files' values, then each piece once. */
  private static void run(
      Case one, float[] base, List<float[]> values, List<float[]> references, int height) {
    Combination rule = one.method().combination(KEY);
    LoadedCombination loaded = rule.load(shape(), one.ratios(), Kernels.create());
    for (int pass = 0; pass < rule.firstPasses(); pass++) {
      for (int from = 0; from < ROWS; from += height) {
        loaded.look(pass, piece(from, height, base, values, references));
      }
    }
    for (int from = 0; from < ROWS; from += height) {
      CombinedRows rows = piece(from, height, base, values, references);
      loaded.apply(rows);
      System.arraycopy(rows.base(), 0, base, from * COLUMNS, rows.count());
    }
  }

  @SuppressWarnings("ReferenceEquality")
  private static CombinedRows piece(
      int from, int height, float[] base, List<float[]> values, List<float[]> references) {
    int to = Math.min(ROWS, from + height);
    float[] own = cut(base, from, to);
    List<float[]> changed = new ArrayList<>();
    for (float[] reference : references) {
      changed.add(reference == base ? own : cut(reference, from, to));
    }
    return new CombinedRows(
        from, to, COLUMNS, own, values.stream().map(one -> cut(one, from, to)).toList(), changed);
  }

  private static float[] cut(float[] values, int from, int to) {
    return Arrays.copyOfRange(values, from * COLUMNS, to * COLUMNS);
  }

  @Test
  void drawsAreThoseOfTheSameHashElsewhere() {
    Draws draws = new Draws(7, "a.weight", 1);
    assertThat(new double[] {draws.at(0), draws.at(1), draws.at(2)})
        .containsExactly(0.23325381522213762, 0.010224011066906291, 0.5181919614054653);
  }

  @Test
  void anotherSeedKeyOrPartDrawsOthers() {
    double first = new Draws(7, "a.weight", 1).at(0);
    assertThat(first)
        .isNotEqualTo(new Draws(8, "a.weight", 1).at(0))
        .isNotEqualTo(new Draws(7, "b.weight", 1).at(0))
        .isNotEqualTo(new Draws(7, "a.weight", 0).at(0));
  }

  @Test
  void dareKeepsItsShareAndTheSumOnAverage() {
    int count = 200_000;
    Draws draws = new Draws(Gen.seeded("dare").anyLong() >>> 12, KEY, 0);
    long kept = 0;
    for (int i = 0; i < count; i++) {
      kept += draws.at(i) < 0.3 ? 1 : 0;
    }
    assertThat(kept / (double) count).isCloseTo(0.3, within(0.01));
  }

  @Test
  void magnitudesAreExactOrderStatistics() {
    Gen gen = Gen.seeded("magnitudes");
    int count = 5000;
    float[] values = gen.gaussians(count, 3);
    for (int i = 0; i < count; i += 7) {
      values[i] = values[gen.between(0, count - 1)];
    }
    float[] sizes = new float[count];
    for (int i = 0; i < count; i++) {
      sizes[i] = Math.abs(values[i]);
    }
    Arrays.sort(sizes);
    int rank = gen.between(1, count);
    var magnitudes = new Magnitudes(0, rank, 1, count, 0);
    for (int pass = 0; pass < Magnitudes.PASSES; pass++) {
      magnitudes.look(
          pass,
          new CombinedRows(
              0, count, 1, new float[count], List.of(values), List.of(new float[count])));
    }
    assertThat(magnitudes.of(0)).isEqualTo(sizes[count - rank]);
    assertThat(magnitudes.of(1)).isEqualTo(sizes[count - 1]);
    assertThat(magnitudes.of(2)).isEqualTo(sizes[0]);
    assertThat(magnitudes.of(3)).isEqualTo(Float.POSITIVE_INFINITY);
  }

  @Test
  void aWeightOfOneDimensionIsOneRowOfDella() {
    var method = new Della(0.5, 0.3, 7, SignElection.NONE, Normalization.NONE);
    Combination rule = method.combination(KEY);
    assertThat(rule.rowsTogether(Shape.of(24))).isEqualTo(24);
    float[] flat = MixGolden.A.clone();
    var rows = new CombinedRows(0, 24, 1, flat, List.of(MixGolden.B), List.of(MixGolden.A.clone()));
    rule.load(Shape.of(24), new double[] {1}, Kernels.create()).apply(rows);
    float[] row = MixGolden.A.clone();
    var one = new CombinedRows(0, 1, 24, row, List.of(MixGolden.B), List.of(MixGolden.A.clone()));
    rule.load(Shape.of(1, 24), new double[] {1}, Kernels.create()).apply(one);
    assertThat(flat).isEqualTo(row);
  }

  private static String refusal(String name, Settings settings) {
    AthanorException refusal =
        catchThrowableOfType(
            AthanorException.class,
            () -> MixMethods.LIST.of(MixMethods.LIST.named(name), settings));
    assertThat(refusal.problem().kind()).isEqualTo(Kind.USAGE);
    return refusal.problem().line();
  }

  @Test
  void methodsThatKeepAPartNeedToKnowHowMuch() {
    for (String name : List.of("ties", "dare", "della", "breadcrumbs")) {
      assertThat(refusal(name, Settings.NONE)).contains("method " + name, "how much");
    }
  }

  @Test
  void dellaRefusesProbabilitiesBeyondOneAndZero() {
    Settings settings = new Della(0.95, 0.1, 0, SignElection.TOTAL, Normalization.COUNT).settings();
    assertThat(refusal("della", settings)).contains("do not go together");
  }

  @Test
  void aParameterIsRefusedByAMethodThatHasItNot() {
    Settings density = Settings.NONE.with(SparseParameters.DENSITY, 0.5);
    assertThat(refusal("slerp", density)).contains("density is for method ties, dare, della");
  }

  @Test
  void methodsSayWhatTheyCannotCombine() {
    for (Map.Entry<MixMethod, List<MixMethod.Kind>> entry :
        Map.<MixMethod, List<MixMethod.Kind>>of(
                new Slerp(), List.of(MixMethod.Kind.MODEL, MixMethod.Kind.MODEL),
                new ModelStock(), List.of(MixMethod.Kind.MODEL),
                new TrainDifference(), List.of(MixMethod.Kind.MODEL),
                new CosineA(), List.of(MixMethod.Kind.DIFFERENCE),
                new Karcher(), List.of(MixMethod.Kind.LORA))
            .entrySet()) {
      assertThat(entry.getKey().refusal(entry.getValue()).orElseThrow().line())
          .contains("method " + entry.getKey().description().name());
    }
    assertThat(
            new Ties(1, SignElection.TOTAL, Normalization.COUNT)
                .refusal(List.of(MixMethod.Kind.LORA)))
        .isEqualTo(Optional.empty());
  }

  @Test
  void noTwoMethodsShareANameAndNoTwoParametersAKeyOrAnOption() {
    List<MethodParameter<?>> parameters = MixMethods.LIST.parameters();
    assertThat(MixMethods.LIST.all().stream().map(MethodDescription::name)).doesNotHaveDuplicates();
    assertThat(parameters.stream().map(MethodParameter::key)).doesNotHaveDuplicates();
    assertThat(parameters.stream().flatMap(one -> one.options().stream())).doesNotHaveDuplicates();
  }
}
