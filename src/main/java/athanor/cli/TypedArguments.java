package athanor.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Arguments as people type and paste them, made into those that were meant: dashes for underscores
 * in options and the other way round, the long dashes that text editors make of two, and a tilde
 * for the home folder where the shell has left it alone, as behind {@code --base=}.
 *
 * @param options the options of the command
 * @param home the user's home folder
 * @param notes receives what was understood, where that is not obvious
 */
record TypedArguments(Set<String> options, Path home, Consumer<String> notes) {

  /** The arguments that were meant. */
  String[] meant(List<String> typed) {
    return typed.stream().map(this::meant).toArray(String[]::new);
  }

  private String meant(String word) {
    int end = word.indexOf('=');
    String name = end < 0 ? word : word.substring(0, end);
    return option(name)
        .map(option -> end < 0 ? option : option + "=" + withHome(word.substring(end + 1)))
        .orElseGet(() -> withHome(word));
  }

  private Optional<String> option(String name) {
    if (options.contains(name)) {
      return Optional.of(name);
    }
    boolean isPasted = name.startsWith("\u2014") || name.startsWith("\u2013");
    if (!isPasted && !name.startsWith("--")) {
      return Optional.empty();
    }
    String rest = name.replaceFirst("^[-\u2013\u2014]+", "");
    Optional<String> meant =
        Stream.of(rest, rest.replace('_', '-'), rest.replace('-', '_'))
            .map(spelling -> "--" + spelling)
            .filter(options::contains)
            .findFirst();
    if (isPasted && meant.isPresent()) {
      notes.accept("'" + name + "' is taken as " + meant.get());
    }
    return meant;
  }

  private String withHome(String word) {
    return word.startsWith("~/") && !exists(word) ? home + word.substring(1) : word;
  }

  private static boolean exists(String name) {
    try {
      return Files.exists(Path.of(name));
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
