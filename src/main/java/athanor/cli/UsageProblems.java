package athanor.cli;

import athanor.error.NearestNames;
import athanor.error.Problem;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What picocli says of a wrong command line, with what to do about it. */
final class UsageProblems {
  /** Options of other programs, and what is written here instead. */
  private static final Map<List<String>, String> ELSEWHERE =
      Map.of(
          List.of("--lora", "--loras", "--lora_path", "--lora-path"),
          "LoRAs need no option: pixel.safetensors@0.6 ink.safetensors@0.4",
          List.of("--ratio", "--weight", "--weights", "--strength", "--scale", "--multiplier"),
          "the ratio goes behind each LoRA: pixel.safetensors@0.6",
          List.of("--model", "--checkpoint", "--ckpt", "--base_model", "--base-model"),
          "the checkpoint is given with --base");

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
    Optional<String> elsewhere =
        ELSEWHERE.entrySet().stream()
            .filter(entry -> entry.getKey().contains(unmatched.getUnmatched().getFirst()))
            .map(Map.Entry::getValue)
            .findFirst();
    if (elsewhere.isPresent() && command.optionsMap().containsKey("--base")) {
      return problem.help(elsewhere.get());
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
    return NearestNames.of(name, known).stream()
        .findFirst()
        .or(() -> known.stream().filter(other -> begins(name, other)).findFirst());
  }

  /** Whether one of two options is the begin of the other: {@code --output} and {@code --out}. */
  private static boolean begins(String typed, String option) {
    return option.length() > 3 && (typed.startsWith(option) || option.startsWith(typed));
  }

  private static String firstLine(String message) {
    int end = message.indexOf('\n');
    return (end < 0 ? message : message.substring(0, end)).strip();
  }
}
