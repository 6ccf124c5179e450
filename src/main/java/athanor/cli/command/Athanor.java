package athanor.cli.command;

import athanor.error.Problem;
import picocli.CommandLine.Command;

/** The program as people call it: {@code athanor COMMAND …}. */
@Command(
    name = "athanor",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description =
        "Makes your own Stable Diffusion checkpoint: fetches it, merges LoRAs into it, publishes it.",
    subcommands = {
      MergeCommand.class,
      CheckCommand.class,
      RunCommand.class,
      RebuildCommand.class,
      InspectCommand.class,
      ResizeCommand.class,
      ExtractCommand.class,
      ConvertCommand.class,
      GetCommand.class,
      PushCommand.class,
      CardCommand.class,
      AuthCommand.class,
      CacheCommand.class,
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
public final class Athanor implements Runnable {
  @Override
  public void run() {
    throw Problem.usage("no command was given").help("see: athanor --help").toException();
  }
}
