package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.cli.command.CommandContext;
import athanor.cli.command.CommandFactory;
import athanor.cli.terminal.Signals;
import athanor.cli.terminal.UserSession;
import athanor.progress.Cancellation;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import picocli.CommandLine;

/** Command lines that are written for kohya's scripts are accepted as they are. */
class KohyaOptionsTest {
  private static final PrintStream NOWHERE = new PrintStream(new ByteArrayOutputStream());

  private final CommandLine program =
      new CommandFactory(
              new CommandContext(
                  NOWHERE, NOWHERE, new Cancellation(), new Signals(), UserSession.ofProcess()))
          .everyCommand();

  @ParameterizedTest
  @CsvFileSource(resources = "kohya-options.tsv", delimiter = '\t')
  void everyOptionOfAScriptIsAnOptionOfTheCommand(String script, String command, String option) {
    CommandLine sub = Objects.requireNonNull(program.getSubcommands().get(command));
    assertThat(sub.getCommandSpec().findOption(option)).as(script).isNotNull();
    assertThat(sub.getCommandSpec().findOption("--" + option.substring(2).replace('_', '-')))
        .as(script + ", with hyphens")
        .isNotNull();
  }
}
