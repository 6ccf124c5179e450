package athanor.web.bench;

import athanor.error.Problem;
import athanor.job.input.LoraFolder;
import athanor.recipe.InputRequest;
import athanor.recipe.LoraRequest;
import athanor.recipe.arguments.LoraArguments;
import athanor.recipe.arguments.PromptLora;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Takes apart what somebody pastes: links and paths, each with or without a ratio, one a line or
 * several, the calls of a prompt, and recipes.
 *
 * @param home what {@code ~} stands for
 * @param folders where the LoRAs of a prompt are looked for, in this order
 * @param notes receives what was understood, and what has no meaning here
 */
record PastedText(Path home, List<Path> folders, Consumer<String> notes) {
  private static final Pattern CALL = Pattern.compile("(?is).*<(lora|lyco):.*");
  private static final Pattern RECIPE = Pattern.compile("(?is).*\\.ya?ml");
  private static final Pattern SEVERAL = Pattern.compile("\\s+");
  private static final Pattern QUOTED = Pattern.compile("(?s)([\"']).*\\1");
  private static final Pattern INPUT =
      Pattern.compile("(?i)([a-z][a-z0-9+.-]*:.*|.*\\.(safetensors|sft|ckpt|pth?|bin)([@:,].*)?)");

  /**
   * What a text asks for.
   *
   * @param inputs files and links, in the order of the text
   * @param recipe a recipe to be opened instead
   */
  record Asked(List<LoraRequest> inputs, Optional<Path> recipe) {}

  /**
   * Reads a text.
   *
   * @throws athanor.error.AthanorException of kind USAGE if it is empty, or a line cannot be
   *     understood; of kind BAD_FILE if a prompt calls a LoRA that is in none of the folders
   */
  Asked read(String text) {
    List<LoraRequest> inputs = new ArrayList<>();
    Optional<Path> recipe = Optional.empty();
    for (String line : text.lines().map(PastedText::bare).toList()) {
      if (line.isEmpty()) {
        continue;
      }
      if (CALL.matcher(line).matches()) {
        inputs.addAll(called(line));
      } else if (RECIPE.matcher(line).matches() && !new InputRequest(line).isLink()) {
        recipe = Optional.of(path(line));
      } else {
        inputs.addAll(LoraArguments.parseTyped(words(line), notes));
      }
    }
    if (inputs.isEmpty() && recipe.isEmpty()) {
      throw Problem.usage("nothing was pasted")
          .expected("a link to a model, a file, or a prompt with <lora:NAME:RATIO>")
          .toException();
    }
    return new Asked(inputs, recipe);
  }

  private static String bare(String line) {
    String text = line.strip();
    return QUOTED.matcher(text).matches() && text.length() > 1
        ? text.substring(1, text.length() - 1).strip()
        : text;
  }

  /** A line is one input, as names may hold blanks, unless each of its words looks like one. */
  private List<String> words(String line) {
    String whole = expanded(line);
    if (isFile(whole)) {
      return List.of(whole);
    }
    List<String> words = SEVERAL.splitAsStream(line).map(this::expanded).toList();
    boolean several =
        words.size() > 1
            && words.stream()
                .allMatch(word -> INPUT.matcher(word).matches() || isFile(word) || isRatio(word));
    return several ? words : List.of(whole);
  }

  private static boolean isRatio(String word) {
    return word.matches("[-+]?[\\d.,]+%?");
  }

  private static boolean isFile(String text) {
    try {
      return Files.exists(Path.of(text));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private Path path(String line) {
    return Path.of(expanded(line));
  }

  private String expanded(String word) {
    if (word.startsWith("file:/")) {
      try {
        return Path.of(URI.create(word)).toString();
      } catch (IllegalArgumentException e) {
        return word;
      }
    }
    return word.startsWith("~/") ? home.resolve(word.substring(2)).toString() : word;
  }

  private List<LoraRequest> called(String prompt) {
    List<LoraRequest> loras = new ArrayList<>();
    for (PromptLora call : PromptLora.parse(prompt)) {
      call.notes().forEach(notes);
      loras.add(LoraRequest.of(call.input(find(call.name()))));
    }
    return loras;
  }

  private Path find(String name) {
    Optional<Problem> missing = Optional.empty();
    for (Path folder : folders) {
      try {
        return LoraFolder.open(folder).find(name);
      } catch (athanor.error.AthanorException e) {
        missing = Optional.of(e.problem());
      }
    }
    throw missing
        .orElseGet(() -> Problem.badFile("there is no folder to look in"))
        .at(name)
        .help("choose one file of the folder that holds it with the file picker, then paste again")
        .toException();
  }
}
