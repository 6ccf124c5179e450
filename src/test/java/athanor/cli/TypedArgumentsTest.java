package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TypedArgumentsTest {
  private final List<String> notes = new ArrayList<>();
  private final TypedArguments arguments =
      new TypedArguments(
          Set.of("--base", "--save_precision", "--dry-run", "-o"), Path.of("/home/me"), notes::add);

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          --dry_run,              --dry-run
          --save-precision=fp16,  --save_precision=fp16
          --no_such_option,       --no_such_option
          a_b-c.safetensors@0.5,  a_b-c.safetensors@0.5
          --base=~/x.ckpt,        --base=/home/me/x.ckpt
          ~/x.ckpt@0.5,           /home/me/x.ckpt@0.5
          ~other/x.ckpt,          ~other/x.ckpt
          --base=a=b.ckpt,        --base=a=b.ckpt
          -o,                     -o
          """)
  void whatWasMeantIsTaken(String typed, String meant) {
    assertThat(arguments.meant(List.of(typed))).containsExactly(meant);
    assertThat(notes).isEmpty();
  }

  @Test
  void dashesOfATextEditorAreUnderstoodAndSaid() {
    assertThat(arguments.meant(List.of("\u2014base", "\u2013dry_run", "\u2014x.ckpt")))
        .containsExactly("--base", "--dry-run", "\u2014x.ckpt");
    assertThat(notes)
        .containsExactly(
            "'\u2014base' is taken as --base", "'\u2013dry_run' is taken as --dry-run");
  }
}
