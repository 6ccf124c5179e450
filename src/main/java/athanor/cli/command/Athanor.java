package athanor.cli.command;

import picocli.CommandLine.Command;

/**
 * The program as people call it: {@code athanor COMMAND …}. Which commands there are stands in
 * {@link Commands}; the one that is asked for is added when it is.
 */
@Command(name = "athanor", mixinStandardHelpOptions = true, versionProvider = Version.class)
public final class Athanor {}
