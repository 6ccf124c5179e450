package athanor.cli.help;

import athanor.cli.terminal.ProgramName;
import java.lang.reflect.AnnotatedElement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The help of one command: what it does, examples, its options in groups. An option is shown by its
 * first name; names that kohya's scripts give it are one line each at the end.
 */
public final class HelpPage {
  private final CommandSpec command;
  private final HelpText page;
  private final Map<OptionGroup, List<ArgSpec>> groups = new EnumMap<>(OptionGroup.class);

  private HelpPage(CommandSpec command, int width) {
    this.command = command;
    this.page = new HelpText(width);
    for (ArgSpec argument : arguments(command)) {
      groups.computeIfAbsent(OptionGroup.of(argument), _ -> new ArrayList<>()).add(argument);
    }
  }

  /** The page of a command, at most {@code width} columns wide but for examples. */
  public static String of(CommandSpec command, int width) {
    return ProgramName.in(new HelpPage(command, width).text());
  }

  private static List<ArgSpec> arguments(CommandSpec command) {
    return Stream.concat(command.positionalParameters().stream(), command.options().stream())
        .filter(argument -> !argument.hidden())
        .toList();
  }

  private String text() {
    page.paragraph("", String.join(" ", command.usageMessage().description()));
    page.line("");
    page.paragraph("Usage: ", usage());
    examples();
    subcommands();
    for (OptionGroup group : OptionGroup.values()) {
      group(group);
    }
    footer();
    return page.toString();
  }

  private String usage() {
    List<String> words = new ArrayList<>(List.of(command.qualifiedName()));
    if (!command.subcommands().isEmpty()) {
      words.add("COMMAND");
    }
    words.add("[OPTION]...");
    for (PositionalParamSpec parameter : command.positionalParameters()) {
      if (!parameter.hidden()) {
        boolean many = parameter.arity().max() > 1 && !parameter.hideParamSyntax();
        String label = parameter.paramLabel() + (many ? "..." : "");
        words.add(
            parameter.arity().min() == 0 && !label.startsWith("[") ? "[" + label + "]" : label);
      }
    }
    return String.join(" ", words);
  }

  private void examples() {
    Examples examples =
        command.userObject() instanceof AnnotatedElement method
            ? method.getAnnotation(Examples.class)
            : command.userObject().getClass().getAnnotation(Examples.class);
    if (examples != null) {
      page.heading("Examples");
      Stream.of(examples.value()).forEach(line -> page.line("  " + line));
    }
  }

  private void subcommands() {
    if (command.subcommands().isEmpty()) {
      return;
    }
    page.heading("Commands");
    command
        .subcommands()
        .forEach((name, subcommand) ->
            page.entry(name, List.of(subcommand.getCommandSpec().usageMessage().description())));
  }

  private void group(OptionGroup group) {
    List<ArgSpec> arguments = groups.getOrDefault(group, List.of());
    List<OptionSpec> renamed = group == OptionGroup.KOHYA ? renamed() : List.of();
    if (arguments.isEmpty() && renamed.isEmpty()) {
      return;
    }
    page.heading(group.title());
    for (ArgSpec argument : arguments) {
      page.entry(term(argument), List.of(argument.description()));
    }
    for (OptionSpec option : renamed) {
      page.entry(
          String.join(", ", otherNames(option)) + label(option),
          List.of("The same as " + name(option) + "."));
    }
  }

  private List<OptionSpec> renamed() {
    return command.options().stream()
        .filter(option -> !option.hidden() && !otherNames(option).isEmpty())
        .toList();
  }

  private static String term(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option)) {
      return argument.paramLabel();
    }
    String shortName =
        Stream.of(option.names())
            .filter(name -> !name.startsWith("--"))
            .map(name -> name + ", ")
            .findFirst()
            .orElse("");
    return shortName + name(option) + label(option);
  }

  private static String label(OptionSpec option) {
    if (option.arity().max() == 0) {
      return "";
    }
    return " " + option.paramLabel() + (option.arity().max() > 1 ? "..." : "");
  }

  /** The name that help calls an option by. */
  private static String name(OptionSpec option) {
    return longNames(option).findFirst().orElse(option.longestName());
  }

  /** Names that are not merely the first one with underscores for dashes or the other way round. */
  private static List<String> otherNames(OptionSpec option) {
    List<String> seen = new ArrayList<>(List.of(dashed(name(option))));
    return longNames(option)
        .filter(name -> {
          boolean isNew = !seen.contains(dashed(name));
          seen.add(dashed(name));
          return isNew;
        })
        .toList();
  }

  private static Stream<String> longNames(OptionSpec option) {
    return Stream.of(option.names()).filter(name -> name.startsWith("--"));
  }

  private static String dashed(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private void footer() {
    List<String> lines = List.of(command.usageMessage().footer());
    if (!lines.isEmpty() && !lines.getFirst().isBlank()) {
      page.line("");
    }
    for (String line : lines) {
      if (line.isBlank() || line.startsWith(" ")) {
        page.line(line);
      } else {
        page.paragraph("", line);
      }
    }
    if (arguments(command).stream().anyMatch(HelpPage::hasUnderscore)) {
      page.line("").paragraph("", "Every option is also understood with _ for -, and - for _.");
    }
  }

  private static boolean hasUnderscore(ArgSpec argument) {
    return argument instanceof OptionSpec option
        && Stream.of(option.names()).anyMatch(name -> name.contains("_"));
  }
}
