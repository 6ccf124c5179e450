package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import athanor.cli.command.Commands;
import athanor.testkit.CommandLineRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a real Bash makes of the script. */
class CompletionTest {
  @TempDir Path folder;

  private static CommandLineRun run(String... args) {
    return CommandLineRun.of((out, err) -> new Main(out, err).run(args));
  }

  /** The words that Bash offers after this line; the last word is the one being typed. */
  private List<String> offered(String line) throws IOException, InterruptedException {
    Path bash = Path.of("/bin/bash");
    assumeThat(bash).exists();
    Path script = Files.writeString(folder.resolve("script"), run("completion", "bash").out());
    Path test =
        Files.writeString(
            folder.resolve("test"),
            """
            set -u
            . "$1"
            shift
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
            _athanor
            printf '%s\\n' "${COMPREPLY[@]-}"
            """);
    String[] words = line.split(" ", -1);
    var command = new ArrayList<>(List.of(bash.toString(), test.toString()));
    command.add(script.toString());
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(printed).isZero();
    return printed.lines().filter(word -> !word.isEmpty()).toList();
  }

  @Test
  void commandsAreOfferedFirst() throws Exception {
    assertThat(offered("athanor ")).containsAll(Commands.names()).contains("help");
    assertThat(offered("athanor re")).containsExactlyInAnyOrder("resize", "rebuild", "recipe-of");
    assertThat(offered("athanor help me")).containsExactly("merge");
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          athanor merge --ba, --base
          athanor merge a.pt --out b.ckpt --skip-i, --skip-incompatible
          athanor auth l, login logout
          athanor auth login --js, --json
          athanor --v, --version
          """)
  void optionsOfTheCommandAreOffered(String line, String words) throws Exception {
    assertThat(offered(line)).containsExactlyInAnyOrder(words.split(" "));
  }

  @Test
  void fileNamesAreLeftToTheShell() throws Exception {
    assertThat(offered("athanor merge pix")).isEmpty();
    assertThat(run("completion", "bash").out()).contains("complete -o default");
  }

  @Test
  void fishGetsEveryCommandAndWhatItDoes() {
    assertThat(run("completion", "fish").out())
        .contains("-a merge -d 'Merges LoRAs")
        .contains("-n '__fish_seen_subcommand_from merge' -l base -r -d 'The checkpoint");
  }

  @Test
  void anUnknownShellIsRefused() {
    CommandLineRun run = run("completion", "cmd");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("found 'cmd' (expected: bash, zsh or fish)");
  }
}
