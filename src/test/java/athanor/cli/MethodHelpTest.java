package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.merge.method.LoraMethod;
import athanor.merge.method.LoraMethods;
import athanor.merge.method.MethodDescription;
import athanor.merge.method.MethodParameter;
import athanor.merge.method.MixMethod;
import athanor.merge.method.mix.MixMethods;
import athanor.recipe.MethodForm;
import athanor.testkit.CommandLineRun;
import org.junit.jupiter.api.Test;

class MethodHelpTest {
  @Test
  void helpNamesEveryMethodAndShowsEveryParameterWithKohyasSpelling() {
    String help =
        CommandLineRun.of((out, err) -> new Main(out, err).run("merge", "--help"))
            .out()
            .replaceAll("\\s+", " ");

    for (MethodDescription<LoraMethod> method : LoraMethods.LIST.all()) {
      assertThat(help).contains(method.help());
    }
    for (MethodDescription<MixMethod> method : MixMethods.LIST.all()) {
      assertThat(help).contains(method.help());
    }
    for (MethodParameter<?> parameter : MethodForm.parameters()) {
      for (String option : parameter.options()) {
        assertThat(help.replace('_', '-')).contains(option.replace('_', '-'));
      }
      assertThat(help).contains(parameter.help());
    }
  }
}
