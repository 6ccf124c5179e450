package athanor.cli.command;

import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Creates commands with their context; everything else as picocli does. */
public final class CommandFactory implements IFactory {
  private final CommandContext context;
  private final IFactory standard = CommandLine.defaultFactory();

  public CommandFactory(CommandContext context) {
    this.context = context;
  }

  @Override
  public <K> K create(Class<K> type) throws Exception {
    for (var constructor : type.getDeclaredConstructors()) {
      if (constructor.getParameterCount() == 1
          && constructor.getParameterTypes()[0] == CommandContext.class) {
        return type.cast(constructor.newInstance(context));
      }
    }
    return standard.create(type);
  }

  /** Builds a command and adds it to the program. */
  public CommandLine add(Class<?> command, CommandLine program) {
    var built = new CommandLine(command, this);
    program.addSubcommand(Commands.name(command), built);
    return built;
  }

  /** The program with each of its commands built. */
  public CommandLine everyCommand() {
    var program = new CommandLine(new Athanor(), this);
    Commands.all().forEach(command -> add(command, program));
    return program;
  }
}
