package athanor.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.model.Architecture;
import athanor.model.Architectures;
import athanor.model.Component;
import athanor.model.Layout;
import athanor.model.Target;
import athanor.model.TargetIndex;
import athanor.model.block.Block;
import athanor.model.block.BlockPreset;
import athanor.model.block.BlockScheme;
import athanor.model.block.BlockWeights;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The blocks of every transformer that can be merged. */
class BlocksOfTransformersTest {

  static Stream<Architecture> all() {
    return Architectures.all().stream().filter(one -> one.facts().table().isPresent());
  }

  @ParameterizedTest
  @MethodSource("all")
  void everySlotWithANumberHasModulesAndNoneIsMissing(Architecture architecture) {
    Set<Target> targets = TargetIndex.ofReference(architecture).orElseThrow().targets();
    Layout layout = architecture.layout().orElseThrow();
    Set<Block> used = targets.stream().map(Target::block).collect(Collectors.toSet());
    Block any = used.iterator().next();

    assertThat(used).extracting(Block::scheme).containsOnly(any.scheme());
    assertThat(
            BlockScheme.named(any.scheme()).blocks().stream()
                .filter(block -> block.name().matches("[A-Z]+\\d\\d")))
        .allMatch(used::contains);
    assertThat(targets.stream().filter(target -> layout.isTrained(target, false)))
        .isNotEmpty()
        .allMatch(target -> target.component() != Component.OTHER);
  }

  @ParameterizedTest
  @MethodSource("all")
  void halvesAreHalfOfTheBlocks(Architecture architecture) {
    Set<Target> targets = TargetIndex.ofReference(architecture).orElseThrow().targets();
    BlockWeights first = BlockWeights.of(BlockPreset.named("FIRST-HALF"), 0);
    BlockWeights second = BlockWeights.of(BlockPreset.named("SECOND-HALF"), 0);
    Set<Block> numbered =
        targets.stream()
            .map(Target::block)
            .filter(block -> block.name().matches("[A-Z]+\\d\\d"))
            .collect(Collectors.toSet());

    assertThat(numbered).allMatch(block -> first.factor(block) + second.factor(block) == 1);
    assertThat(numbered.stream().mapToDouble(first::factor).sum())
        .isBetween(numbered.size() / 2.0 - 0.5, numbered.size() / 2.0 + 0.5);
  }
}
