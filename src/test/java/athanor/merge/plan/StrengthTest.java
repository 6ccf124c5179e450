package athanor.merge.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StrengthTest {
  private static final Strength WEIGHTED =
      new Strength(
          0.6,
          Optional.of(0.3),
          Optional.of(BlockList.parse("OUTALL", BlockList.PROMPT, "test")),
          List.of("attn1"),
          List.of("to_v", "ff"));

  @Test
  void oneRatioForAllPartsIsUniformAndHasNothingToSayOfThem() {
    assertThat(Strength.of(-0.5).isUniform()).isTrue();
    assertThat(Strength.of(-0.5).partsText()).isEmpty();
    assertThat(Strength.FULL).isEqualTo(Strength.of(1));
  }

  @Test
  void everyWeightOfAPartEndsUniformity() {
    Strength one = Strength.of(1);
    assertThat(one.withBlocks(WEIGHTED.blocks().orElseThrow()).isUniform()).isFalse();
    assertThat(
            new Strength(1, Optional.of(1.0), Optional.empty(), List.of(), List.of()).isUniform())
        .isFalse();
    assertThat(
            new Strength(1, Optional.empty(), Optional.empty(), List.of("x"), List.of())
                .isUniform())
        .isFalse();
  }

  @Test
  void thePartsAreSaidInAFewWords() {
    assertThat(WEIGHTED.partsText()).isEqualTo("te 0.3, lbw OUTALL, only attn1, skip to_v,ff");
  }

  @Test
  void anotherRatioLeavesTheParts() {
    Strength other = WEIGHTED.withRatio(2);
    assertThat(other.ratio()).isEqualTo(2);
    assertThat(other.partsText()).isEqualTo(WEIGHTED.partsText());
  }

  @Test
  void aRatioOfZeroIsNothingUnlessTheTextEncodersHaveTheirOwn() {
    assertThat(Strength.of(0).isZero()).isTrue();
    assertThat(WEIGHTED.withRatio(0).isZero()).isFalse();
    assertThat(WEIGHTED.isZero()).isFalse();
    assertThat(new Strength(0, Optional.of(0.0), Optional.empty(), List.of(), List.of()).isZero())
        .isTrue();
  }

  @Test
  void onlyPatternsAreFilters() {
    assertThat(WEIGHTED.hasFilter()).isTrue();
    assertThat(Strength.of(1).withBlocks(WEIGHTED.blocks().orElseThrow()).hasFilter()).isFalse();
  }
}
