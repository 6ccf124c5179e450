package athanor.cli;

import athanor.error.Problem;
import athanor.hub.Link;
import athanor.job.LinkArgument;
import athanor.job.RemoteInputs;
import athanor.recipe.LoraInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The base and the LoRAs, in this program's spelling and in kohya's. */
final class InputArguments {
  @Parameters(
      arity = "0..*",
      paramLabel = "FILE[@RATIO][,WEIGHT...]",
      description = {
        "LoRAs, files or links, each with a ratio (default 1). Weights of their parts:",
        "te=R: ratio of the text encoders;",
        "lbw=W: block weights, a preset such as OUTALL or 12, 17, 20 or 26 numbers;",
        "only=P, skip=P: modules by a part of their name or of the checkpoint's key, or by a"
            + " pattern with * and ? for the whole of it."
      })
  private List<String> files = new ArrayList<>();

  @Option(
      names = {"--base", "--sd_model", "--sd-model"},
      paramLabel = "FILE",
      description = "The checkpoint that receives the LoRAs, a file or a link.")
  private @Nullable String base;

  @Option(
      names = "--models",
      arity = "1..*",
      paramLabel = "FILE",
      description = "LoRAs, in kohya's spelling; needs as many --ratios.")
  private List<String> models = new ArrayList<>();

  @Option(
      names = "--ratios",
      arity = "1..*",
      paramLabel = "R",
      description = "A ratio for each of --models.")
  private List<String> ratios = new ArrayList<>();

  @Mixin private WeightArguments weights = new WeightArguments();

  @Option(
      names = "--v2",
      description = "Accepted for kohya's sake: compared with the base, which decides.")
  private boolean v2;

  Optional<Path> base() {
    return Optional.ofNullable(base).map(Path::of);
  }

  /** Whether some argument is a link. */
  boolean nameLinks() {
    return Stream.of(files.stream(), models.stream(), Stream.ofNullable(base))
        .flatMap(texts -> texts)
        .anyMatch(Link::looksLikeLink);
  }

  /**
   * Finds the files of the arguments that are links and puts paths in their place, which {@code
   * remote} can open.
   *
   * @throws athanor.error.AthanorException as {@link RemoteInputs#find}
   */
  void locate(RemoteInputs remote) {
    Set<String> links = new LinkedHashSet<>();
    Stream.concat(files.stream(), models.stream())
        .flatMap(text -> LinkArgument.of(text).stream())
        .forEach(argument -> links.add(argument.link()));
    Optional<String> baseLink = Optional.ofNullable(base).filter(Link::looksLikeLink);
    baseLink.ifPresent(links::add);
    Map<String, Path> places = remote.find(links);
    files.replaceAll(
        text -> LinkArgument.of(text).map(link -> link.with(place(places, link))).orElse(text));
    models.replaceAll(text ->
        LinkArgument.of(text).map(link -> place(places, link) + link.weights()).orElse(text));
    baseLink.ifPresent(link -> base = Objects.requireNonNull(places.get(link)).toString());
  }

  private static String place(Map<String, Path> places, LinkArgument argument) {
    return Objects.requireNonNull(places.get(argument.link())).toString();
  }

  boolean saysSd2() {
    return v2;
  }

  /**
   * The LoRAs with their ratios: those given as files, then those that a prompt calls.
   *
   * @param notes receives what is accepted but has no meaning here
   * @throws athanor.error.AthanorException of kind USAGE if there is none, both spellings are
   *     mixed, a ratio is no number, or the counts differ
   */
  List<LoraInput> loras(Consumer<String> notes) {
    List<LoraInput> loras = new ArrayList<>(weights.weigh(given()));
    loras.addAll(weights.called(notes));
    if (loras.isEmpty()) {
      throw Problem.usage("no LoRA was given")
          .expected("at least one, for example pixel.safetensors@0.6")
          .help("athanor merge --help shows a complete command")
          .toException();
    }
    return loras;
  }

  private List<LoraInput> given() {
    if (!models.isEmpty() && !files.isEmpty()) {
      throw Problem.usage("LoRAs are given both with --models and without")
          .found(String.join(" ", files))
          .help("use one spelling: FILE@RATIO …, or --models … --ratios …")
          .toException();
    }
    if (models.isEmpty() && !ratios.isEmpty()) {
      throw Problem.usage("--ratios without --models")
          .help("write each ratio behind its file, as in pixel.safetensors@0.6, or add --models")
          .toException();
    }
    if (!models.isEmpty()) {
      return LoraInput.pairArguments(
          models, ratios.stream().map(text -> LoraInput.parseRatio(text, "--ratios")).toList());
    }
    return files.stream().map(LoraInput::parse).toList();
  }
}
