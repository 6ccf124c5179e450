package athanor.cli.command;

import athanor.cli.help.HelpText;
import athanor.cli.terminal.ProgramName;
import athanor.error.NearestNames;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * All commands, as the overview lists them. A class here costs nothing: only the command that is
 * asked for is built, because building one by reflection takes longer than most of them run.
 */
public final class Commands {
  /** Commands that belong together, under a heading. */
  private record Section(String title, List<Class<?>> commands) {}

  private static final List<Section> SECTIONS =
      List.of(
          new Section(
              "Merge",
              List.of(
                  MergeCommand.class,
                  CheckCommand.class,
                  RunCommand.class,
                  RebuildCommand.class,
                  RecipeOfCommand.class)),
          new Section(
              "Look at files and change them",
              List.of(
                  InspectCommand.class,
                  AnalyzeCommand.class,
                  DiffCommand.class,
                  ResizeCommand.class,
                  ExtractCommand.class,
                  ConvertCommand.class)),
          new Section(
              "Hugging Face and Civitai",
              List.of(
                  GetCommand.class,
                  PushCommand.class,
                  CardCommand.class,
                  AuthCommand.class,
                  CacheCommand.class)),
          new Section(
              "This program",
              List.of(
                  UiCommand.class,
                  DemoCommand.class,
                  DoctorCommand.class,
                  CompletionCommand.class)));

  private static final String EXAMPLE =
      """
        athanor merge --base sd15.safetensors pixel.safetensors@0.6 ink.safetensors@0.4 \\
                      --out mine.safetensors\
      """;

  private static final String WHAT_IT_DOES =
      "Makes your own checkpoint: fetches a base and LoRAs, merges them exactly, publishes the"
          + " result.";

  private Commands() {}

  /** Every command's class. */
  public static Stream<Class<?>> all() {
    return SECTIONS.stream().flatMap(section -> section.commands.stream());
  }

  /** Every command's name, in the order of the overview. */
  public static List<String> names() {
    return all().map(Commands::name).toList();
  }

  /** The command of this name. */
  public static Optional<Class<?>> named(String name) {
    return all().filter(command -> name(command).equals(name)).<Class<?>>map(c -> c).findFirst();
  }

  /** Names that a mistyped one was probably meant to be, nearest first. */
  public static List<String> near(String mistyped) {
    return NearestNames.of(mistyped, names());
  }

  public static String name(Class<?> command) {
    return annotation(command).name();
  }

  /** What a command does, in a few words: the begin of its description. */
  static String summary(Class<?> command) {
    String text = String.join(" ", annotation(command).description());
    return text.split("[.:;] ", 2)[0].replaceFirst("\\.$", "");
  }

  private static Command annotation(Class<?> command) {
    return command.getAnnotation(Command.class);
  }

  /** The overview: each command with what it does. */
  public static String overview(int width) {
    var page = new HelpText(width).paragraph("", WHAT_IT_DOES);
    page.line("").line("Usage: athanor COMMAND [OPTION]...");
    page.heading("Example").line(EXAMPLE);
    for (Section section : SECTIONS) {
      page.heading(section.title);
      section.commands.forEach(command -> page.entry(name(command), List.of(summary(command))));
    }
    page.line("")
        .line("athanor help COMMAND explains a command; athanor --version says which this is.");
    return ProgramName.in(page.toString());
  }

  /** What to do first, for somebody who has just typed the program's name. */
  public static String startPage(int width) {
    var page = new HelpText(width).paragraph("", WHAT_IT_DOES);
    page.heading("A merge").line(EXAMPLE);
    page.heading("Where to begin")
        .entry("athanor demo", List.of("Makes small files and merges them, to see how it goes."))
        .entry("athanor ui", List.of("Opens a page in the browser on which to do all of it."))
        .entry("athanor help merge", List.of("All about merging, with examples."))
        .entry("athanor help", List.of("Every command."));
    return ProgramName.in(page.toString());
  }
}
