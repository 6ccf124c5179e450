package athanor.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.error.Kind;
import java.util.OptionalLong;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class OpenFileLimitTest {
  @Test
  void moreInputsThanMayBeOpenAreRefusedWithBothNumbers() {
    assertThatThrownBy(() -> OpenFileLimit.require(20_000, OptionalLong.of(4096)))
        .asInstanceOf(InstanceOfAssertFactories.type(AthanorException.class))
        .satisfies(e -> {
          assertThat(e.problem().kind()).isEqualTo(Kind.RESOURCES);
          assertThat(e.problem().line()).contains("20000 inputs", "at most 4036");
          assertThat(e.problem().help().orElseThrow()).contains("ulimit -n 20120");
        });
  }

  @Test
  void asManyAsFitBesideWhatIsOpenAnywayAreAccepted() {
    assertThatCode(() -> OpenFileLimit.require(4036, OptionalLong.of(4096)))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> OpenFileLimit.require(4037, OptionalLong.of(4096)))
        .isInstanceOf(AthanorException.class);
  }

  @Test
  void whereNoLimitIsKnownNothingIsRefused() {
    assertThatCode(() -> OpenFileLimit.require(1_000_000, OptionalLong.empty()))
        .doesNotThrowAnyException();
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void anImpossibleNumberIsRefusedByTheLimitOfThisProcess() {
    assertThatThrownBy(() -> OpenFileLimit.require(Integer.MAX_VALUE))
        .isInstanceOf(AthanorException.class);
  }
}
