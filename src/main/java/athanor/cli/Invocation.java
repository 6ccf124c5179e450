package athanor.cli;

import athanor.cli.command.Commands;
import athanor.error.Problem;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a command line asks for, seen from its first words only.
 *
 * @param command the command to be built; none for questions to the program itself
 * @param arguments all arguments, the command's name first
 */
record Invocation(Optional<Class<?>> command, List<String> arguments) {
  private static final List<String> OF_THE_PROGRAM = List.of("-h", "--help", "-V", "--version");
  private static final String MERGE = "merge";

  private static final Pattern MODEL_FILE =
      Pattern.compile("(?i)\\.(safetensors|sft|ckpt|pth?|bin)(?![\\w.])");

  /**
   * Reads at least one argument. {@code help COMMAND} becomes {@code COMMAND --help}; options
   * without a command belong to {@code merge}, as in kohya's script.
   *
   * @throws athanor.error.AthanorException of kind USAGE if there is no such command
   */
  static Invocation of(String... arguments) {
    List<String> words = Arrays.asList(arguments);
    if (words.getFirst().equals("help")) {
      words = Stream.concat(words.stream().skip(1), Stream.of("--help")).toList();
    }
    String first = words.getFirst();
    if (OF_THE_PROGRAM.contains(first)) {
      return new Invocation(Optional.empty(), words);
    }
    if (first.startsWith("-")) {
      refuseOptionsBeforeTheCommand(words);
      return of(Stream.concat(Stream.of(MERGE), words.stream()).toArray(String[]::new));
    }
    Optional<Class<?>> command = Commands.named(first);
    if (command.isEmpty()) {
      throw unknown(first).toException();
    }
    return new Invocation(command, words);
  }

  private static void refuseOptionsBeforeTheCommand(List<String> words) {
    List<String> options = words.stream().takeWhile(word -> word.startsWith("-")).toList();
    Optional<String> command =
        words.stream().skip(options.size()).findFirst().filter(Commands.names()::contains);
    if (command.isPresent()) {
      throw Problem.usage("options go behind the command")
          .help("athanor " + command.get() + " … " + String.join(" ", options))
          .toException();
    }
  }

  private static Problem unknown(String word) {
    Problem problem = Problem.usage("there is no command '" + word + "'");
    if (isModelFile(word)) {
      return problem.help(
          "to merge it: athanor merge --base CHECKPOINT " + word + " --out result.safetensors");
    }
    List<String> near = Commands.near(word);
    return problem.help(
        near.isEmpty()
            ? "athanor help lists all commands"
            : "did you mean: athanor " + near.getFirst());
  }

  /** Whether a word is the name of a model's file. */
  static boolean isModelFile(String word) {
    return MODEL_FILE.matcher(word).find();
  }
}
