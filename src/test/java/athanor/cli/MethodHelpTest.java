package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.merge.method.LoraMethods;
import athanor.merge.method.MethodDescription;
import athanor.merge.method.MethodParameter;
import athanor.testkit.CommandLineRun;
import org.junit.jupiter.api.Test;

class MethodHelpTest {
  @Test
  void helpNamesEveryMethodAndShowsEveryParameterWithKohyasSpelling() {
    String help =
        CommandLineRun.of((out, err) -> new Main(out, err).run("merge", "--help"))
            .out()
            .replaceAll("\\s+", " ");

    for (MethodDescription method : LoraMethods.ALL) {
      assertThat(help).contains(method.help());
    }
    for (MethodParameter<?> parameter : LoraMethods.parameters()) {
      for (String option : parameter.options()) {
        assertThat(help.replace('_', '-')).contains(option.replace('_', '-'));
      }
      assertThat(help).contains(parameter.help());
    }
  }
}
