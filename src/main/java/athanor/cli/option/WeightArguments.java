package athanor.cli.option;

import athanor.cli.help.InGroup;
import athanor.cli.help.OptionGroup;
import athanor.error.Problem;
import athanor.job.input.LoraFolder;
import athanor.recipe.LoraInput;
import athanor.recipe.LoraRequest;
import athanor.recipe.arguments.KohyaBlockWeights;
import athanor.recipe.arguments.PromptLora;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Block weights in kohya's spelling, and LoRAs as a prompt calls them. */
@InGroup(OptionGroup.STRENGTH)
public final class WeightArguments {
  @InGroup(OptionGroup.KOHYA)
  @Option(
      names = "--lbws",
      arity = "1..*",
      paramLabel = "LIST",
      description = "Block weights, in kohya's spelling: a JSON list for each LoRA.")
  private List<String> lists = new ArrayList<>();

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description = {
        "LoRAs as a prompt calls them: <lora:NAME:TE:UNET:lbw=OUTALL>; the rest of it is ignored."
      })
  private @Nullable String prompt;

  @Option(
      names = {"--lora-dir", "--lora_dir"},
      paramLabel = "FOLDER",
      description = "Where the LoRAs of --prompt are, subfolders included.")
  private @Nullable Path folder;

  /**
   * Gives LoRAs the block weights of {@code --lbws}.
   *
   * @throws athanor.error.AthanorException of kind USAGE if these do not suit
   */
  List<LoraRequest> weigh(List<LoraRequest> loras) {
    if (lists.isEmpty()) {
      return loras;
    }
    if (loras.isEmpty() && prompt != null) {
      throw Problem.usage("--lbws is for LoRAs given as files, not for those of --prompt")
          .help("write the weights into the prompt: <lora:NAME:1:lbw=OUTALL>")
          .toException();
    }
    return KohyaBlockWeights.apply(loras, lists);
  }

  /**
   * The LoRAs that the prompt calls, with their files; none without a prompt.
   *
   * @param notes receives what of the prompt has no meaning in a merge
   * @throws athanor.error.AthanorException of kind USAGE if one of the two options is missing, a
   *     call is malformed or fits several files; of kind BAD_FILE if it fits none
   */
  List<LoraInput> called(Consumer<String> notes) {
    if (prompt == null && folder == null) {
      return List.of();
    }
    if (prompt == null) {
      throw Problem.usage("--lora-dir without --prompt")
          .help("give the prompt whose LoRAs are in that folder: --prompt \"<lora:NAME:0.6>\"")
          .toException();
    }
    if (folder == null) {
      throw Problem.usage("--prompt without --lora-dir")
          .help("say where its LoRAs are: --lora-dir FOLDER")
          .toException();
    }
    List<PromptLora> calls = PromptLora.parse(prompt);
    LoraFolder files = LoraFolder.open(folder);
    List<LoraInput> loras = new ArrayList<>();
    for (PromptLora call : calls) {
      call.notes().forEach(notes);
      loras.add(call.input(files.find(call.name())));
    }
    return loras;
  }
}
