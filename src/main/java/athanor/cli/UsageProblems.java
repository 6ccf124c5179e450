package athanor.cli;

import athanor.error.NearestNames;
import athanor.error.Problem;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What picocli says of a wrong command line, with what to do about it. */
final class UsageProblems {
  private UsageProblems() {}

  static Problem of(ParameterException e) {
    CommandSpec command = e.getCommandLine().getCommandSpec();
    String see = "see: " + command.qualifiedName() + " --help";
    Problem problem = Problem.usage(firstLine(String.valueOf(e.getMessage())));
    if (!(e instanceof UnmatchedArgumentException unmatched)) {
      return problem.help(see);
    }
    Optional<String> dashed =
        unmatched.getUnmatched().stream()
            .filter(word -> word.startsWith("-") && Invocation.isModelFile(word))
            .findFirst();
    if (dashed.isPresent()) {
      return problem.help("for a file whose name begins with a dash, write ./" + dashed.get());
    }
    return problem.help(
        near(unmatched.getUnmatched().getFirst(), command)
            .map(near -> "did you mean " + near + "? See" + see.substring(3))
            .orElse(see));
  }

  /** The option, or the command below this one, whose name is nearest, if one is near. */
  private static Optional<String> near(String word, CommandSpec command) {
    String name = word.split("=", 2)[0];
    Set<String> known =
        name.startsWith("-") ? command.optionsMap().keySet() : command.subcommands().keySet();
    return NearestNames.of(name, known).stream().findFirst();
  }

  private static String firstLine(String message) {
    int end = message.indexOf('\n');
    return (end < 0 ? message : message.substring(0, end)).strip();
  }

  /**
   * The arguments with options spelled as the command knows them: {@code --dry_run} is {@code
   * --dry-run} and the other way round.
   */
  static String[] respelled(List<String> arguments, CommandSpec command) {
    Map<String, OptionSpec> known = command.optionsMap();
    return arguments.stream().map(word -> respelled(word, known)).toArray(String[]::new);
  }

  private static String respelled(String word, Map<String, OptionSpec> known) {
    if (!word.startsWith("--")) {
      return word;
    }
    int end = word.indexOf('=');
    String name = end < 0 ? word : word.substring(0, end);
    String value = end < 0 ? "" : word.substring(end);
    String rest = name.substring(2);
    for (String other : List.of(rest.replace('_', '-'), rest.replace('-', '_'))) {
      if (!known.containsKey(name) && known.containsKey("--" + other)) {
        return "--" + other + value;
      }
    }
    return word;
  }
}
