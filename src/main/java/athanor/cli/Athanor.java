package athanor.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The program as people call it: {@code athanor COMMAND …}. */
@Command(
    name = "athanor",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = "Makes your own Stable Diffusion checkpoint: merges LoRAs into it, exactly.",
    subcommands = {
      MergeCommand.class,
      CheckCommand.class,
      InspectCommand.class,
      ResizeCommand.class,
      ExtractCommand.class,
      ConvertCommand.class,
      DemoCommand.class,
    },
    footer = {
      "",
      "Example:",
      "  athanor merge --base sd15.safetensors pixel.safetensors@0.6 ink.safetensors@0.4 \\",
      "                --out mine.safetensors",
      "",
      "athanor COMMAND --help explains a command."
    })
final class Athanor implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "no command was given");
  }
}
