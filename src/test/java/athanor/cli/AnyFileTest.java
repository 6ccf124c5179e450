package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.Gen;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Files with random types, dimensions and keys through all commands. More: {@code -Drounds=N}. */
@Tag("hostile")
class AnyFileTest {
  private static final int ROUNDS = Integer.getInteger("rounds", 25);

  @Test
  void noCommandEndsInADefectOrRunsOnAndOn() {
    AnyFile any = AnyFile.create();
    Gen gen = Gen.seeded("any files through all commands");
    List<byte[]> seeds = AnyFile.seeds();
    Map<String, AssertionError> failures = new LinkedHashMap<>();
    for (int round = 0; round < ROUNDS; round++) {
      byte[] seed = seeds.get(gen.between(0, seeds.size() - 1));
      String text =
          round < seeds.size()
              ? new String(seeds.get(round), StandardCharsets.UTF_8)
              : changed(new String(seed, StandardCharsets.UTF_8), gen);
      for (Consumer<String> command :
          List.<Consumer<String>>of(any::convert, any::resize, any::extract, any::merge)) {
        try {
          command.accept(text);
        } catch (AssertionError e) {
          failures.putIfAbsent(cause(e), e);
        }
      }
    }
    System.out.println(ROUNDS + " files, up to 19 command lines each");
    assertThat(failures).isEmpty();
  }

  /** One line of a failure that tells it from others. */
  private static String cause(AssertionError failure) {
    return String.valueOf(failure.getMessage())
        .lines()
        .filter(line -> line.startsWith("\tat ") || line.startsWith("athanor: "))
        .findFirst()
        .orElse("too slow");
  }

  /** One to four lines with another type, dimension or key, left out, or there twice. */
  private static String changed(String text, Gen gen) {
    List<String> lines = new ArrayList<>(List.of(text.split("\n")));
    int times = gen.between(1, 4);
    for (int i = 0; i < times && !lines.isEmpty(); i++) {
      int at = gen.between(0, lines.size() - 1);
      String[] parts = lines.get(at).split(" ", 3);
      switch (gen.between(0, 7)) {
        case 0 -> parts[0] = type(gen);
        case 1, 2, 3 -> parts[1] = otherDimension(parts[1], gen);
        case 4 -> parts[1] = dimensions(gen);
        case 5 -> parts[2] = otherKey(parts[2], gen);
        case 6 -> lines.add(type(gen) + " " + dimensions(gen) + " " + otherKey(parts[2], gen));
        default -> {
          lines.remove(at);
          continue;
        }
      }
      lines.set(at, String.join(" ", parts));
    }
    return String.join("\n", lines);
  }

  private static String type(Gen gen) {
    return gen.oneOf(
        "F16", "F32", "BF16", "F64", "F8_E4M3", "F8_E5M2", "I64", "U8", "BOOL", "F4", "C64",
        "F6_E2M3", "F8_E8M0");
  }

  private static String otherDimension(String dims, Gen gen) {
    String[] all = dims.split(",", -1);
    all[gen.between(0, all.length - 1)] = dimension(gen);
    return String.join(",", all);
  }

  private static String dimensions(Gen gen) {
    List<String> dims = new ArrayList<>();
    int rank = gen.between(0, 5);
    for (int i = 0; i < rank; i++) {
      dims.add(dimension(gen));
    }
    return String.join(",", dims);
  }

  private static String dimension(Gen gen) {
    return gen.oneOf(
        "0",
        "0",
        "0",
        "1",
        "1",
        "2",
        "3",
        "4",
        "8",
        "320",
        "768",
        "65536",
        "2147483647",
        "2147483648",
        "4294967296",
        "4611686018427387904",
        "9223372036854775807");
  }

  private static String otherKey(String key, Gen gen) {
    return switch (gen.between(0, 5)) {
      case 0 -> key.replace("lora_up", "lora_down");
      case 1 -> key.replace("weight", "bias");
      case 2 -> key.substring(0, gen.between(0, key.length()));
      case 3 -> key.replace("lora_down.weight", gen.oneOf("lora_mid.weight", "alpha", "diff"));
      case 4 -> key + gen.oneOf(".alpha", ".diff", ".scale", ".dora_scale", "_", ".");
      default -> key + gen.between(0, 9);
    };
  }
}
