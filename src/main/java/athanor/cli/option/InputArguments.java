package athanor.cli.option;

import athanor.cli.help.InGroup;
import athanor.cli.help.OptionGroup;
import athanor.error.Problem;
import athanor.merge.method.LoraMethods;
import athanor.merge.method.mix.Sum;
import athanor.merge.plan.MergeOptions;
import athanor.recipe.InputRequest;
import athanor.recipe.LoraRequest;
import athanor.recipe.MergeRequest;
import athanor.recipe.MixRequest;
import athanor.recipe.arguments.LoraArguments;
import athanor.recipe.arguments.MixArguments;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The base and the LoRAs, in this program's spelling and in kohya's. */
@InGroup(OptionGroup.INPUTS)
public final class InputArguments {
  @Parameters(
      arity = "0..*",
      paramLabel = "FILE[@RATIO][,WEIGHT...]",
      description = {
        "LoRAs, files or links, each with a ratio (default 1). Weights of their parts:",
        "te=R: ratio of the text encoders;",
        "lbw=W: block weights, a preset such as OUTALL or FIRST-HALF, or 12, 17, 20 or 26"
            + " numbers (SD, SDXL), or one for each slot of another model (FLUX.1: 57 or 61);",
        "only=P, skip=P: modules by a part of their name or of the checkpoint's key, or by a"
            + " pattern with * and ? for the whole of it."
      })
  private List<String> files = new ArrayList<>();

  @Option(
      names = {"--base", "--sd_model", "--sd-model"},
      paramLabel = "FILE",
      description = "The checkpoint that receives the LoRAs, a file or a link.")
  private @Nullable String base;

  @InGroup(OptionGroup.KOHYA)
  @Option(
      names = "--models",
      arity = "1..*",
      paramLabel = "FILE",
      description = "LoRAs, in kohya's spelling; needs as many --ratios.")
  private List<String> models = new ArrayList<>();

  @InGroup(OptionGroup.KOHYA)
  @Option(
      names = "--ratios",
      arity = "1..*",
      paramLabel = "R",
      description = "A ratio for each of --models.")
  private List<String> ratios = new ArrayList<>();

  @Mixin private MixOptions mix = new MixOptions();
  @Mixin private KohyaModelOptions kohya = new KohyaModelOptions();
  @Mixin private WeightArguments weights = new WeightArguments();

  @InGroup(OptionGroup.KOHYA)
  @Option(
      names = "--v2",
      description = "Accepted for kohya's sake: compared with the base, which decides.")
  private boolean v2;

  public Optional<InputRequest> base() {
    return Optional.ofNullable(base)
        .or(() -> kohya.output().flatMap(output -> models.stream().findFirst()))
        .map(InputRequest::new);
  }

  /**
   * The checkpoints that are combined with the base.
   *
   * @param notes receives what is accepted but has no meaning here
   * @throws athanor.error.AthanorException of kind USAGE if they cannot be understood, or there is
   *     no base
   */
  public List<MixRequest> mix(Consumer<String> notes) {
    if (kohya.output().isPresent()) {
      kohya.note(notes);
      return mix.withParts(
          MixArguments.ofKohya(models, LoraArguments.ratios(ratios, notes), kohya.unetOnly()));
    }
    List<MixRequest> asked = mix.mix();
    if (!asked.isEmpty() && base == null) {
      throw Problem.usage("checkpoints are mixed into a base, and none is given")
          .found("no --base")
          .help("give the first of them as --base: --base A --mix B@0.4")
          .toException();
    }
    return asked;
  }

  public boolean saysSd2() {
    return v2;
  }

  /**
   * The LoRAs with their ratios: those given as files, then those that a prompt calls.
   *
   * @param notes receives what is accepted but has no meaning here
   * @throws athanor.error.AthanorException of kind USAGE if there is none and nothing to mix, both
   *     spellings are mixed, a ratio is no number, or the counts differ
   */
  public List<LoraRequest> loras(Consumer<String> notes) {
    List<LoraRequest> loras = new ArrayList<>(weights.weigh(given(notes)));
    weights.called(notes).forEach(lora -> loras.add(LoraRequest.of(lora)));
    if (loras.isEmpty() && kohya.output().isEmpty() && mix.mix().isEmpty()) {
      throw Problem.usage("no LoRA was given")
          .expected("at least one, for example pixel.safetensors@0.6")
          .help("athanor merge --help shows a complete command")
          .toException();
    }
    return loras;
  }

  /**
   * The merge of these with nothing special about it: a sum, or the usual LoRA + LoRA.
   *
   * @param notes as {@link #loras}
   * @throws athanor.error.AthanorException as {@link #loras}
   */
  public MergeRequest asked(Consumer<String> notes) {
    return new MergeRequest(
        base(),
        mix(notes),
        loras(notes),
        Optional.empty(),
        false,
        MergeOptions.defaults(),
        base().isPresent() ? new Sum() : LoraMethods.standard(),
        saysSd2());
  }

  /** The place that kohya's {@code --output} names. */
  public Optional<String> output() {
    return kohya.output();
  }

  /** The precision that kohya's {@code --saving_precision} names. */
  public Optional<String> savingPrecision() {
    return kohya.savingPrecision();
  }

  private List<LoraRequest> given(Consumer<String> notes) {
    if (kohya.output().isPresent()) {
      return LoraArguments.parseTyped(files, notes);
    }
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
      return LoraArguments.pair(models, LoraArguments.ratios(ratios, notes));
    }
    return LoraArguments.parseTyped(files, notes);
  }
}
