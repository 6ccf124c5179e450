package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.cli.command.Commands;
import athanor.testkit.CommandLineRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class HelpTest {
  private static CommandLineRun run(String... args) {
    return CommandLineRun.of((out, err) -> new Main(out, err).run(args));
  }

  @Test
  void sayingNothingShowsWhereToBegin() {
    CommandLineRun run = run();
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("athanor demo", "athanor help merge");
    assertThat(run.out().lines()).hasSizeLessThan(15);
    assertThat(run.err()).isEmpty();
  }

  @Test
  void theOverviewHasALineForEveryCommand() {
    assertThat(run("help").out()).isEqualTo(run("--help").out());
    for (String name : Commands.names()) {
      assertThat(run("help").out()).containsPattern("(?m)^  " + name + " +[A-Z].*\\w$");
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandExplainsItselfWithinTheWidth(String name) {
    CommandLineRun run = run("help", name);
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("Usage: athanor " + name).isEqualTo(run(name, "--help").out());
    assertThat(run.out().lines()).allMatch(line -> line.length() <= 100);
  }

  static Iterable<String> commands() {
    return Commands.names();
  }

  @Test
  void examplesComeBeforeOptionsAndOptionsStandInGroups() {
    assertThat(run("merge", "--help").out())
        .containsSubsequence(
            "\nExamples\n  athanor merge --base",
            "\nInputs\n",
            "--base FILE",
            "\nStrength\n",
            "--prompt TEXT",
            "\nResult\n",
            "-o, --out FILE",
            "\nLoRA + LoRA\n",
            "--rank N",
            "\nCheckpoint\n",
            "--vae FILE",
            "\nPublishing\n",
            "--push USER/REPO",
            "\nkohya's spellings\n",
            "--sd_model FILE         The same as --base.\n",
            "--save_to FILE          The same as --out.\n");
  }

  @Test
  void helpReachesCommandsOfCommands() {
    assertThat(run("help", "auth", "login").out()).contains("Usage: athanor auth login", "SERVICE");
    assertThat(run("help", "cache").out()).contains("\nCommands\n  ls", "  verify");
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          merg,        did you mean: athanor merge
          chekc,       did you mean: athanor check
          xylophone,   athanor help lists all commands
          a.ckpt@0.5,  to merge it: athanor merge --base CHECKPOINT a.ckpt@0.5
          """)
  void anUnknownCommandIsAnsweredWithTheOneThatWasMeant(String word, String help) {
    CommandLineRun run = run(word, "--base", "x");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("there is no command '" + word + "'", "help: " + help);
  }

  @Test
  void optionsWithoutACommandAreThoseOfMerge() {
    CommandLineRun run =
        run("--sd_model", "no.ckpt", "--models", "a.pt", "--ratios", "1", "--save_to", "b.ckpt");
    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err()).contains("no.ckpt: no such file");
    assertThat(run("--sd_modle", "x").err()).contains("did you mean --sd_model?");
  }

  @Test
  void optionsBeforeTheCommandAreRefusedWithTheOrderThatIsUnderstood() {
    CommandLineRun run = run("-q", "merge", "a.pt");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("options go behind the command", "athanor merge … -q");
  }

  @Test
  void dashesAndUnderscoresAreTheSameInEveryOption() {
    assertThat(run("card", "a.pt", "--no_such").err()).contains("Unknown option: '--no_such'");
    assertThat(run("resize", "no.pt", "--target_size=5MB", "--out", "a.ckpt").err())
        .doesNotContain("Unknown option");
    assertThat(run("merge", "no.pt", "--no-metadata", "--dry_run", "--out", "a.ckpt").err())
        .doesNotContain("Unknown option");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --lora     | LoRAs need no option: pixel.safetensors@0.6
          --strength | the ratio goes behind each LoRA: pixel.safetensors@0.6
          --ckpt     | the checkpoint is given with --base
          """)
  void optionsOfOtherProgramsAreAnsweredWithOurs(String option, String help) {
    CommandLineRun run = run("merge", option, "x");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("Unknown option: '" + option + "'", "help: " + help);
  }
}
