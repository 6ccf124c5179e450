package athanor.model;

import athanor.error.NearestNames;
import athanor.error.Problem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Block weights under a name, such as {@code OUTALL}: the presets that the lora-block-weight and
 * SuperMerger extensions ship with.
 *
 * @param name upper case
 * @param weights 17 numbers, in the order of {@link BlockLayout#SD_LORA}
 */
public record BlockPreset(String name, List<Double> weights) {
  private static final String RESOURCE = "block-presets.txt";

  /** Copies the list. */
  public BlockPreset {
    weights = List.copyOf(weights);
  }

  /** All presets, in their usual order. */
  public static List<BlockPreset> all() {
    return Presets.ALL;
  }

  /**
   * The preset of this name; letter case does not matter.
   *
   * @throws athanor.error.AthanorException of kind USAGE that suggests the nearest names
   */
  public static BlockPreset named(String name) {
    return all().stream()
        .filter(preset -> preset.name.equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(() -> unknown(name).toException());
  }

  private static Problem unknown(String name) {
    List<String> names = all().stream().map(BlockPreset::name).toList();
    Problem problem = Problem.usage("there is no block weight preset of this name").found(name);
    List<String> near = NearestNames.of(name, names);
    return near.isEmpty()
        ? problem.help("presets: " + String.join(", ", names))
        : problem.help("did you mean " + String.join(" or ", near) + "?");
  }

  private static List<BlockPreset> load() {
    InputStream resource = BlockPreset.class.getResourceAsStream(RESOURCE);
    try (var lines =
        new BufferedReader(
            new InputStreamReader(Objects.requireNonNull(resource), StandardCharsets.UTF_8))) {
      var presets = new ArrayList<BlockPreset>();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.startsWith("#")) {
          String[] fields = line.split(" ", 2);
          List<Double> weights = Stream.of(fields[1].split(",")).map(Double::valueOf).toList();
          presets.add(new BlockPreset(fields[0], weights));
        }
      }
      return List.copyOf(presets);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Presets {
    static final List<BlockPreset> ALL = load();
  }
}
