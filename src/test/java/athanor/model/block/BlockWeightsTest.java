package athanor.model.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlockWeightsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "12 | BASE,IN04,IN05,IN07,IN08,MID,OUT00,OUT01,OUT02,OUT03,OUT04,OUT05",
        "17 | BASE,IN01,IN02,IN04,IN05,IN07,IN08,MID,OUT03,OUT04,OUT05,OUT06,OUT07,OUT08,OUT09,"
            + "OUT10,OUT11",
        "20 | BASE,IN00,IN01,IN02,IN03,IN04,IN05,IN06,IN07,IN08,MID,OUT00,OUT01,OUT02,OUT03,OUT04,"
            + "OUT05,OUT06,OUT07,OUT08",
        "26 | BASE,IN00,IN01,IN02,IN03,IN04,IN05,IN06,IN07,IN08,IN09,IN10,IN11,MID,OUT00,OUT01,"
            + "OUT02,OUT03,OUT04,OUT05,OUT06,OUT07,OUT08,OUT09,OUT10,OUT11",
      })
  void layoutsNameTheirBlocksInOrder(int length, String blocks) {
    BlockLayout layout = BlockLayout.ofLength(length).orElseThrow();

    assertThat(layout.blocks().stream().map(Block::name).collect(Collectors.joining(",")))
        .isEqualTo(blocks);
  }

  @Test
  void slotsAreNumberedAsEveryoneNumbersThem() {
    assertThat(block("BASE").slot()).isZero();
    assertThat(block("IN00").slot()).isEqualTo(1);
    assertThat(block("MID").slot()).isEqualTo(13);
    assertThat(block("OUT00").slot()).isEqualTo(14);
    assertThat(block("OUT11").slot()).isEqualTo(25);
  }

  @Test
  void putsWeightsIntoTheirSlotsAndTheDefaultElsewhere() {
    List<Double> weights = DoubleStream.iterate(0.25, w -> w + 1).limit(12).boxed().toList();
    BlockWeights kohya = BlockWeights.of(weights, 1);
    BlockWeights prompt = BlockWeights.of(weights, 0);

    assertThat(kohya.factor(block("IN08"))).isEqualTo(4.25);
    assertThat(kohya.factor(block("OUT05"))).isEqualTo(11.25);
    assertThat(kohya.factor(block("OUT06"))).isEqualTo(1);
    assertThat(prompt.factor(block("OUT06"))).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 11, 13, 14, 27})
  void refusesAWrongCount(int count) {
    List<Double> weights = Collections.nCopies(count, 1.0);

    assertThatThrownBy(() -> BlockWeights.of(weights, 1))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("found " + count + " weights")
        .hasMessageContaining("12, 17, 20, 26 or 61");
  }

  @Test
  void everyPresetForUnetsHasSeventeenWeights() {
    assertThat(BlockPreset.all().stream().filter(preset -> !preset.weights().isEmpty()))
        .allMatch(preset -> preset.weights().size() == 17)
        .extracting(BlockPreset::name)
        .containsExactly(
            "NONE", "ALL", "INS", "IND", "INALL", "MIDD", "OUTD", "OUTS", "OUTALL", "ALL0.5");
  }

  private static double flux(String preset, String block) {
    return BlockWeights.of(BlockPreset.named(preset), 0)
        .factor(BlockScheme.named("flux").block(block));
  }

  @Test
  void presetsForRowsOfBlocksChooseSlotsByName() {
    assertThat(flux("double", "D18")).isEqualTo(1);
    assertThat(flux("double", "S00")).isZero();
    assertThat(flux("double", "CLIP")).isEqualTo(1);
    assertThat(flux("single", "D00")).isZero();
    assertThat(flux("single", "S37")).isEqualTo(1);
    assertThat(flux("first-half", "IN")).isEqualTo(1);
    assertThat(flux("first-half", "S09")).isEqualTo(1);
    assertThat(flux("first-half", "S10")).isZero();
    assertThat(flux("second-half", "S10")).isEqualTo(1);
    assertThat(flux("all", "OUT")).isEqualTo(1);
    assertThat(flux("none", "T5")).isZero();
  }

  @Test
  void presetsAreForTheModelsThatHaveSuchBlocks() {
    assertThat(BlockWeights.of(BlockPreset.named("DOUBLE"), 0).areFor("flux")).isTrue();
    assertThat(BlockWeights.of(BlockPreset.named("DOUBLE"), 0).areFor("z-image")).isFalse();
    assertThat(BlockWeights.of(BlockPreset.named("OUTALL"), 0).areFor("flux")).isFalse();
    assertThat(BlockWeights.of(BlockPreset.named("FIRST-HALF"), 0).areFor("z-image")).isTrue();
    assertThat(BlockWeights.of(BlockPreset.named("ALL"), 0).areFor("unet")).isTrue();
  }

  @Test
  void listsForFluxHaveSixtyOneNumbersOrOneForEachBlock() {
    List<Double> all = DoubleStream.iterate(0, w -> w + 1).limit(61).boxed().toList();
    BlockScheme flux = BlockScheme.named("flux");

    assertThat(BlockWeights.of(all, 0).factor(flux.block("T5"))).isEqualTo(1);
    assertThat(BlockWeights.of(all, 0).factor(flux.block("D00"))).isEqualTo(3);
    assertThat(BlockWeights.of(all, 0).factor(flux.block("OUT"))).isEqualTo(60);
    assertThat(BlockWeights.of(all.subList(0, 57), 0.5).factor(flux.block("S00"))).isEqualTo(19);
    assertThat(BlockWeights.of(all.subList(0, 57), 0.5).factor(flux.block("IN"))).isEqualTo(0.5);
    assertThat(BlockLayout.lengthsFor("flux")).containsExactly(57, 61);
  }

  @Test
  void presetsMeanWhatTheirNamesSay() {
    BlockWeights outAll = BlockWeights.of(BlockPreset.named("outall"), 0);

    assertThat(outAll.factor(block("BASE"))).isEqualTo(1);
    assertThat(outAll.factor(block("IN08"))).isZero();
    assertThat(outAll.factor(block("MID"))).isZero();
    assertThat(outAll.factor(block("OUT03"))).isEqualTo(1);
    assertThat(outAll.factor(block("OUT11"))).isEqualTo(1);
  }

  @Test
  void anUnknownPresetIsAnsweredWithTheNearestNames() {
    assertThatThrownBy(() -> BlockPreset.named("OUTAL"))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> assertThat(e.problem().help().orElseThrow()).contains("did you mean OUTALL"));
    assertThatThrownBy(() -> BlockPreset.named("portrait"))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> assertThat(e.problem().help().orElseThrow()).startsWith("presets: NONE, ALL"));
  }

  private static Block block(String name) {
    return BlockScheme.named("unet").block(name);
  }
}
