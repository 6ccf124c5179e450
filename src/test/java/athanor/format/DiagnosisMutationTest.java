package athanor.format;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.safetensors.HostileSafetensors;
import athanor.testkit.Mutation;
import athanor.testkit.OneFile;
import athanor.torchfile.HostileTorchFiles;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whatever a file holds, it gets one line that is safe to show. */
@Tag("hostile")
class DiagnosisMutationTest {
  private static final OneFile FILE = OneFile.named("fuzzed");

  @Test
  void everyFileGetsALine() {
    Mutation.check("files of any kind", seeds(), 6000, DiagnosisMutationTest::diagnose);
  }

  static void diagnose(byte[] content) {
    FILE.read(
        content,
        file -> {
          String line = FileDiagnosis.of(file).line();
          assertThat(line).isNotBlank();
          assertThat(line.codePoints().noneMatch(Character::isISOControl)).isTrue();
        });
  }

  static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>(HostileSafetensors.seeds());
    HostileTorchFiles.refused().values().stream()
        .filter(bytes -> bytes.length < 10_000)
        .forEach(seeds::add);
    List.of(
            "<!doctype html><title>Log &amp; in</title>",
            "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>x</Message></Error>",
            "{\"error\":{\"message\":\"no\"}}",
            "{\"metadata\":{},\"weight_map\":{}}",
            "version https://git-lfs.github.com/spec/v1\noid sha256:abc123\nsize 2132625612\n",
            "[InternetShortcut]\r\nURL=https://a/b\r\n",
            "model:\n  base_learning_rate: 1\n")
        .forEach(text -> seeds.add(text.getBytes(StandardCharsets.UTF_8)));
    List.of("47475546030000000000000000000000", "0807120770796f7263683a2201", "1f8b08000000")
        .forEach(hex -> seeds.add(HexFormat.of().parseHex(hex)));
    return seeds;
  }
}
