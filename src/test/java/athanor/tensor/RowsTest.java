package athanor.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RowsTest {
  private static final long SEED = 20260301;

  @Test
  void aStretchSaysItsKeyItsBoundsAndItsSize() {
    Rows rows = Rows.of("qkv", 1280, 1280, 3840);
    assertThat(rows).hasToString("qkv rows 1280..2560");
    assertThat(rows.count()).isEqualTo(1280);
    assertThat(rows.first()).isEqualTo(1280);
    assertThat(rows.isWhole()).isFalse();
  }

  @Test
  void aWholeTensorIsItsKey() {
    Rows rows = Rows.whole("w", 8);
    assertThat(rows).hasToString("w");
    assertThat(rows.isWhole()).isTrue();
    assertThat(Rows.whole(new TensorInfo("s", DType.F32, Shape.of())))
        .isEqualTo(Rows.whole("s", 1));
  }

  @Test
  void runsThatGoOnAfterOneAnotherAreOne() {
    Rows rows = rows(12, run(0, 4), run(4, 4), run(8, 4));
    assertThat(rows).isEqualTo(Rows.whole("w", 12)).hasSameHashCodeAs(Rows.whole("w", 12));
    assertThat(rows(12, run(2, 3), run(7, 0), run(5, 1)).runs()).containsExactly(run(2, 4));
  }

  @Test
  void exchangedHalvesHaveAllRowsButAreNotTheWholeTensor() {
    Rows swapped = rows(8, run(4, 4), run(0, 4));
    assertThat(swapped.count()).isEqualTo(8);
    assertThat(swapped.first()).isZero();
    assertThat(swapped.isWhole()).isFalse();
    assertThat(swapped).hasToString("w rows 4..8, 0..4").isNotEqualTo(Rows.whole("w", 8));
  }

  @Test
  void noRowsAreNoRuns() {
    Rows none = Rows.of("w", 3, 0, 8);
    assertThat(none.runs()).isEmpty();
    assertThat(none).hasToString("w rows 0..0");
    assertThat(none.first()).isZero();
    assertThat(Rows.whole("empty", 0).isWhole()).isTrue();
  }

  @Test
  void rowsOverlapOnlyInOneTensorAndWithACommonRow() {
    Rows query = Rows.of("qkv", 0, 4, 12);
    assertThat(query.overlaps(Rows.of("qkv", 3, 2, 12))).isTrue();
    assertThat(query.overlaps(Rows.of("qkv", 4, 4, 12))).isFalse();
    assertThat(query.overlaps(Rows.of("other", 0, 4, 12))).isFalse();
    assertThat(rows(12, run(8, 4), run(0, 2)).overlaps(Rows.of("w", 1, 3, 12))).isTrue();
    assertThat(rows(12, run(8, 4), run(0, 2)).overlaps(Rows.of("w", 2, 6, 12))).isFalse();
  }

  @Test
  void commonRowsKeepTheOrderOfTheFirst() {
    Rows swapped = rows(8, run(4, 4), run(0, 4));
    assertThat(swapped.intersect(Rows.of("w", 2, 4, 8))).isEqualTo(rows(8, run(4, 2), run(2, 2)));
    assertThat(Rows.of("w", 2, 4, 8).intersect(swapped)).isEqualTo(Rows.of("w", 2, 4, 8));
    assertThat(swapped.intersect(Rows.whole("other", 8)).count()).isZero();
  }

  @Test
  void rowsOutsideTheTensorAreRefused() {
    for (long[] bad : new long[][] {{-1, 2}, {0, 9}, {8, 1}, {0, -1}, {1, Long.MAX_VALUE}}) {
      assertThatThrownBy(() -> Rows.of("w", bad[0], bad[1], 8))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("w: rows " + bad[0] + " + " + bad[1] + " of 8");
    }
  }

  @Test
  void aRowInTwoRunsIsRefused() {
    assertThatThrownBy(() -> rows(8, run(0, 4), run(3, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rows in two runs");
  }

  /** Against lists of single rows. */
  @Test
  void anyRowsBehaveAsTheListOfTheirRows() {
    Random random = new Random(SEED);
    for (int round = 0; round < 500; round++) {
      List<Long> one = randomRows(random);
      List<Long> other = randomRows(random);
      Rows rows = ofSingles(one);
      Rows others = ofSingles(other);
      assertThat(singles(rows)).as("seed %d, round %d", SEED, round).isEqualTo(one);
      List<Long> common = one.stream().filter(other::contains).toList();
      assertThat(rows.overlaps(others)).isEqualTo(!common.isEmpty());
      assertThat(singles(rows.intersect(others))).isEqualTo(common);
      assertThat(rows.count()).isEqualTo(one.size());
    }
  }

  private static List<Long> randomRows(Random random) {
    List<Long> all = new ArrayList<>();
    for (long row = 0; row < 10; row++) {
      all.add(row);
    }
    if (random.nextBoolean()) {
      java.util.Collections.rotate(all, random.nextInt(10));
    } else {
      java.util.Collections.shuffle(all, random);
    }
    return List.copyOf(all.subList(0, random.nextInt(11)));
  }

  private static Rows ofSingles(List<Long> rows) {
    return new Rows("w", rows.stream().map(row -> run(row, 1)).toList(), 10);
  }

  private static List<Long> singles(Rows rows) {
    List<Long> singles = new ArrayList<>();
    for (Rows.Run run : rows.runs()) {
      for (long row = run.first(); row < run.end(); row++) {
        singles.add(row);
      }
    }
    return singles;
  }

  private static Rows rows(long tensorRows, Rows.Run... runs) {
    return new Rows("w", List.of(runs), tensorRows);
  }

  private static Rows.Run run(long first, long count) {
    return new Rows.Run(first, count);
  }
}
