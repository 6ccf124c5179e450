package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import athanor.cli.HelpTexts.HelpText;
import athanor.cli.command.CommandContext;
import athanor.cli.command.CommandFactory;
import athanor.cli.terminal.Signals;
import athanor.cli.terminal.UserSession;
import athanor.progress.Cancellation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What the help of a problem tells to type can be typed. */
class HelpTextsTest {
  private static final PrintStream NOWHERE = new PrintStream(new ByteArrayOutputStream());

  private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--?[a-zA-Z][\\w-]*");

  /** A command and words that are no part of a sentence: names, options, values, placeholders. */
  private static final Pattern COMMAND =
      Pattern.compile(
          "(?<![\\w.])athanor ((?:[a-z]+(?:-[a-z]+)*)(?: (?:--?[a-z][\\w-]*|…|ls|login|hf|civitai|lora|float|fp16|bf16"
              + "|[\\w<>:{}\"/]*[.:@\\d][\\w.@:>\"/]*|[A-Z][A-Z/]*))*)");

  /** Of other programs. */
  private static final List<String> FOREIGN = List.of("-n", "-p");

  private final CommandLine program =
      new CommandFactory(
              new CommandContext(
                  NOWHERE, NOWHERE, new Cancellation(), new Signals(), UserSession.ofProcess()))
          .everyCommand();
  private final Map<String, CommandLine> commands = program.getSubcommands();

  @Test
  void thereAreHelpsToLookAt() throws IOException {
    assertThat(HelpTexts.all()).hasSizeGreaterThan(250);
    assertThat(HelpTexts.all()).anyMatch(help -> COMMAND.matcher(help.text()).find());
  }

  @Test
  void everyOptionThatAHelpNamesIsOneOfTheCommandThatSaysIt() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (HelpText help : HelpTexts.all()) {
      Matcher option = OPTION.matcher(help.text());
      while (option.find()) {
        if (!FOREIGN.contains(option.group())
            && !option.group().startsWith("-Xmx")
            && !isKnown(help, option.group())) {
          wrong.add(help + ": " + option.group());
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  /** An option of the command in whose file the help is; elsewhere, of any command. */
  private boolean isKnown(HelpText help, String option) {
    Matcher ofCommand = Pattern.compile("cli/command/(\\w+)Command\\.java").matcher(help.file());
    CommandLine own =
        ofCommand.matches() ? commands.get(ofCommand.group(1).toLowerCase(Locale.ROOT)) : null;
    boolean speaksOfAnother = COMMAND.matcher(help.text()).find();
    return own != null && !speaksOfAnother
        ? has(own, option)
        : commands.values().stream().anyMatch(command -> has(command, option));
  }

  private static boolean has(CommandLine command, String option) {
    return command.getCommandSpec().findOption(option) != null
        || command.getSubcommands().values().stream().anyMatch(sub -> has(sub, option));
  }

  @Test
  void everyCommandLineThatAHelpNamesIsUnderstood() throws IOException {
    List<String> seen = new ArrayList<>();
    for (HelpText help : HelpTexts.all()) {
      Matcher command = COMMAND.matcher(help.text());
      while (command.find()) {
        List<String> words = new ArrayList<>(List.of(command.group(1).split(" ")));
        String name = words.removeFirst();
        if (name.equals("help") || name.equals(HelpTexts.VALUE)) {
          continue;
        }
        words.remove("…");
        words.replaceAll(word -> word.replaceAll("[\";]", ""));
        seen.add(command.group(1));
        assertThat(commands).as(help.toString()).containsKey(name);
        if (words.isEmpty()) {
          continue; // Only named: "athanor inspect shows the rank".
        }
        words.addFirst(name);
        assertThatCode(() -> program.parseArgs(words.toArray(String[]::new)))
            .as(help + ", understood as " + words)
            .doesNotThrowAnyException();
      }
    }
    assertThat(seen).hasSizeGreaterThan(25);
    System.out.println(seen.size() + " command lines in the help of problems");
  }
}
