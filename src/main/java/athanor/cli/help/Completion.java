package athanor.cli.help;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Scripts with which shells complete commands and options; file names stay the shell's affair. */
public final class Completion {
  private final CommandSpec program;

  /** For a program with all of its commands. */
  public Completion(CommandSpec program) {
    this.program = program;
  }

  /** A script to be sourced by Bash 3.2 or newer. */
  public String bash() {
    var script = new StringBuilder();
    script.append("# Completion for athanor; made by: athanor completion bash\n");
    script.append("_athanor() {\n");
    script.append("  local current=${COMP_WORDS[COMP_CWORD]} command= words= position=1 i\n");
    script.append("  for ((i = 1; i < COMP_CWORD; i++)); do\n");
    script.append("    case ${COMP_WORDS[i]} in\n");
    script.append("      -* | help) ;;\n");
    script.append("      *) command=${COMP_WORDS[i]} position=$((i + 1)) && break ;;\n");
    script.append("    esac\n");
    script.append("  done\n");
    script.append("  case $command,$current in\n");
    script.append("    ,-*) words='--help --version' ;;\n");
    script.append("    ,*) words='").append(words(program)).append(" help' ;;\n");
    for (CommandSpec command : commands(program)) {
      script.append("    ").append(command.name()).append(",-*) words='");
      script.append(String.join(" ", options(command))).append("' ;;\n");
      if (!command.subcommands().isEmpty()) {
        script.append("    ").append(command.name()).append(",*) [ $COMP_CWORD -ne $position ] ||");
        script.append(" words='").append(words(command)).append("' ;;\n");
      }
    }
    script.append("  esac\n");
    script.append("  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n");
    script.append("}\n");
    script.append("complete -o default -o bashdefault -F _athanor athanor\n");
    return script.toString();
  }

  /** A script to be sourced by zsh, which understands Bash's when asked to. */
  public String zsh() {
    return "(( $+functions[compdef] )) || { autoload -U compinit && compinit }\n"
        + "autoload -U bashcompinit && bashcompinit\n"
        + bash();
  }

  /** A script for fish, with what each command and option is for. */
  public String fish() {
    var script = new StringBuilder();
    script.append("# Completion for athanor; made by: athanor completion fish\n");
    for (CommandSpec command : commands(program)) {
      script.append("complete -c athanor -f -n __fish_use_subcommand -a ").append(command.name());
      script.append(" -d ").append(quoted(command.usageMessage().description())).append('\n');
      for (CommandSpec nested : commands(command)) {
        script.append("complete -c athanor -f").append(condition(command)).append(" -a ");
        script.append(nested.name());
        script.append(" -d ").append(quoted(nested.usageMessage().description())).append('\n');
      }
      optionsOf(command)
          .forEach((name, option) -> {
            script.append("complete -c athanor").append(condition(command));
            script.append(" -l ").append(name.substring(2));
            script.append(option.arity().max() > 0 ? " -r" : "");
            script.append(" -d ").append(quoted(option.description())).append('\n');
          });
    }
    return script.toString();
  }

  private static String condition(CommandSpec command) {
    return " -n '__fish_seen_subcommand_from " + command.name() + "'";
  }

  private static String quoted(String[] sentences) {
    String text = String.join(" ", sentences);
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  private static String words(CommandSpec command) {
    return String.join(" ", command.subcommands().keySet());
  }

  private static List<CommandSpec> commands(CommandSpec command) {
    return command.subcommands().values().stream().map(CommandLine::getCommandSpec).toList();
  }

  /** The options of a command and of what stands below it, sorted. */
  private static List<String> options(CommandSpec command) {
    return new ArrayList<>(optionsOf(command).keySet());
  }

  private static Map<String, OptionSpec> optionsOf(CommandSpec command) {
    Map<String, OptionSpec> options = new TreeMap<>();
    Stream.concat(Stream.of(command), commands(command).stream())
        .flatMap(spec -> spec.options().stream())
        .filter(option -> !option.hidden())
        .forEach(option -> {
          for (String name : option.names()) {
            if (name.startsWith("--")) {
              options.put(name, option);
            }
          }
        });
    return options;
  }
}
