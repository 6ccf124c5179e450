package athanor.cli.command;

import athanor.cli.help.Completion;
import athanor.cli.help.Examples;
import athanor.error.Problem;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code athanor completion}: what a shell needs to complete commands and options. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = "Prints a script for bash, zsh or fish that completes commands and options.")
@Examples({
  "athanor completion bash > ~/.local/share/bash-completion/completions/athanor",
  "athanor completion zsh > ~/.athanor-completion; echo '. ~/.athanor-completion' >> ~/.zshrc",
  "athanor completion fish > ~/.config/fish/completions/athanor.fish"
})
public final class CompletionCommand implements Callable<Integer> {
  @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish.")
  private String shell = "";

  private final CommandContext context;

  CompletionCommand(CommandContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    var completion = new Completion(new CommandFactory(context).everyCommand().getCommandSpec());
    context
        .out()
        .print(
            switch (shell) {
              case "bash" -> completion.bash();
              case "zsh" -> completion.zsh();
              case "fish" -> completion.fish();
              default ->
                  throw Problem.usage("unknown shell")
                      .found("'" + shell + "'")
                      .expected("bash, zsh or fish")
                      .toException();
            });
    return 0;
  }
}
