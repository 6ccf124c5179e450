package athanor.cli.option;

import athanor.cli.help.InGroup;
import athanor.cli.help.OptionGroup;
import athanor.error.Problem;
import athanor.merge.plan.ElementRule;
import athanor.recipe.MixRequest;
import athanor.recipe.arguments.MixArguments;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Checkpoints that are combined with the base. */
@InGroup(OptionGroup.MIX)
public final class MixOptions {
  private static final int LONGEST_RULES = 1 << 20;

  @Option(
      names = "--mix",
      paramLabel = "FILE@RATIO",
      description = {
        "A checkpoint to mix into the base, which gets the rest: of --base A --mix B@0.4 the result"
            + " is 0.6 A + 0.4 B. Can be given several times; weights of parts as of a LoRA."
      })
  private List<String> mixed = new ArrayList<>();

  @Option(
      names = "--add",
      paramLabel = "FILE",
      description = "Add a difference, A + M (B - C): --base A --add B --minus C --ratio M.")
  private List<String> add = new ArrayList<>();

  @Option(
      names = "--minus",
      paramLabel = "FILE",
      description = "What --add differs from; one for all, or one for each.")
  private List<String> minus = new ArrayList<>();

  @Option(
      names = {"--ratio", "--multiplier"},
      paramLabel = "M",
      description = "How strongly --add; default 1.")
  private List<String> ratios = new ArrayList<>();

  @Option(
      names = "--elements",
      paramLabel = "FILE",
      description =
          "Rules BLOCKS:ELEMENTS:RATIO, one a line, for every checkpoint that is mixed in: ratios of"
              + " single weights, as in SuperMerger.")
  private @Nullable Path elements;

  @Option(
      names = {"--unet-from", "--unet_from"},
      paramLabel = "A|B|FILE",
      description =
          "Take the UNet as a whole from the base (A), the first checkpoint (B), … or a file.")
  private @Nullable String unet;

  @Option(
      names = {"--te-from", "--te_from"},
      paramLabel = "A|B|FILE",
      description = "The same for the text encoders.")
  private @Nullable String textEncoder;

  @Option(
      names = {"--vae-from", "--vae_from"},
      paramLabel = "A|B|FILE",
      description = "The same for the VAE of a checkpoint; --vae takes a VAE of its own file too.")
  private @Nullable String vae;

  /**
   * The checkpoints: those that are mixed in, then the differences.
   *
   * @throws athanor.error.AthanorException of kind USAGE if they cannot be understood
   */
  List<MixRequest> mix() {
    List<MixRequest> all = new ArrayList<>(mixed.stream().map(MixArguments::mixed).toList());
    all.addAll(MixArguments.differences(add, minus, ratios));
    List<ElementRule> rules = elements();
    if (!rules.isEmpty()) {
      all.replaceAll(
          mix -> new MixRequest(mix.model(), mix.minus(), mix.strength().withElements(rules)));
    }
    return withParts(all);
  }

  private List<ElementRule> elements() {
    if (elements == null) {
      return List.of();
    }
    try (InputStream in = Files.newInputStream(elements)) {
      String text = new String(in.readNBytes(LONGEST_RULES), StandardCharsets.UTF_8);
      return ElementRule.parseAll(text, String.valueOf(elements.getFileName()));
    } catch (IOException e) {
      throw Problem.badFile("the rules for elements cannot be read")
          .at(elements.toString())
          .expected("a text file")
          .toException(e);
    }
  }

  /** The same with the parts that come from one of them as a whole. */
  List<MixRequest> withParts(List<MixRequest> mix) {
    List<MixRequest> all = mix;
    Map<String, Optional<String>> parts = new LinkedHashMap<>();
    parts.put("unet", Optional.ofNullable(unet));
    parts.put("te", Optional.ofNullable(textEncoder));
    parts.put("vae", Optional.ofNullable(vae));
    for (Map.Entry<String, Optional<String>> part : parts.entrySet()) {
      if (part.getValue().isPresent()) {
        all = MixArguments.withPart(all, part.getKey(), part.getValue().get());
      }
    }
    return all;
  }
}
