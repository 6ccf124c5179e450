package athanor.report;

import athanor.format.FileHashes;
import athanor.job.inspect.Inspection;
import athanor.job.inspect.WeightScan;
import athanor.tensor.TensorInfo;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a file is.
 *
 * @param file as it was named
 * @param what in a few words
 * @param facts what is known of it, each under its own name
 * @param hashes its hashes, if they were asked for, each under its own name
 * @param metadata the text metadata of the file
 * @param notes oddities, and what to do about them
 * @param skipped what a PyTorch file holds besides weights
 * @param scan what reading every weight brought to light, if that was asked for
 * @param tensorList all tensors, in the order of the file
 */
@LineName(value = "file", when = "inspected")
public record InspectedFile(
    String file,
    String what,
    @Inline List<Fact> facts,
    @Inline List<Fact> hashes,
    Map<String, String> metadata,
    List<String> notes,
    List<String> skipped,
    Optional<ScannedWeights> scan,
    List<Tensor> tensorList)
    implements Result {
  private static final int AUTO_V3_DIGITS = 12;

  /**
   * A tensor.
   *
   * @param key its name
   * @param dtype its stored type, as safetensors spells it
   * @param shape its dimensions
   * @param text type and shape in words
   */
  public record Tensor(String key, String dtype, List<Long> shape, @ForText String text) {
    private static Tensor of(TensorInfo tensor) {
      return new Tensor(
          tensor.key(),
          tensor.dtype().name(),
          Arrays.stream(tensor.shape().dims()).boxed().toList(),
          tensor.dtype().familiarName() + " " + tensor.shape());
    }
  }

  /**
   * What is known of a file.
   *
   * @param name as it was named
   */
  public static InspectedFile of(
      String name,
      Inspection inspection,
      Optional<FileHashes> hashes,
      Optional<WeightScan> weights) {
    return new InspectedFile(
        name,
        inspection.what(),
        inspection.facts().stream().map(fact -> new Fact(fact.label(), fact.text())).toList(),
        hashes.map(InspectedFile::facts).orElse(List.of()),
        inspection.metadata(),
        inspection.notes(),
        inspection.skipped(),
        weights.map(ScannedWeights::of),
        inspection.tensors().stream().map(Tensor::of).toList());
  }

  private static List<Fact> facts(FileHashes hashes) {
    return List.of(
        new Fact("AutoV1", hashes.autoV1()),
        new Fact("AutoV2", hashes.autoV2()),
        new Fact("AutoV3", hashes.autoV3().substring(0, AUTO_V3_DIGITS)),
        new Fact("SHA-256", hashes.sha256()));
  }
}
