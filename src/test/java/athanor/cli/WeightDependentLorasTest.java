package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LoRAs that depend on the weights they change, as users meet them. */
class WeightDependentLorasTest {
  private static final String BLOCK =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn";
  private static final String TO_Q = BLOCK + "1_to_q";
  private static final String TO_K = BLOCK + "2_to_k";
  private static final String WARNING = "the order of the LoRAs matters";

  @TempDir private Path folder;
  private final Gen gen = Gen.fixed(11);
  private String base = "";
  private String plain = "";
  private String other = "";
  private String dora = "";

  @BeforeEach
  void writeInputs() {
    base = path(new TensorFile().random(Sample.sd1(DType.F16), 0.05, gen), "base");
    plain = path(pair(TO_Q, 320), "plain");
    other = path(pair(TO_Q, 320), "other");
    dora = path(magnitudes(pair(TO_Q, 320)), "dora");
  }

  private TensorFile pair(String module, int inputs) {
    return Sample.pair(new TensorFile(), module, 320, 4, inputs, DType.F16, gen);
  }

  private TensorFile magnitudes(TensorFile file) {
    return file.random(TO_Q + ".dora_scale", DType.F16, Shape.of(1, 320), 1, gen);
  }

  private String path(TensorFile file, String name) {
    return file.write(folder.resolve(name + ".safetensors")).toString();
  }

  private CommandLineRun run(String name, String... args) {
    List<String> all = new ArrayList<>(List.of("merge"));
    all.addAll(List.of(args));
    all.addAll(List.of("--out", folder.resolve(name + ".safetensors").toString()));
    return CommandLineRun.of((out, err) -> new Main(out, err).run(all.toArray(String[]::new)));
  }

  private byte[] merged(String name, String... loras) {
    List<String> args = new ArrayList<>(List.of("--base", base));
    args.addAll(List.of(loras));
    CommandLineRun run = run(name, args.toArray(String[]::new));
    assertThat(run.code()).as(run.err()).isZero();
    return TensorFile.allBytes(folder.resolve(name + ".safetensors")).entrySet().stream()
        .filter(entry ->
            entry.getKey().endsWith("input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight"))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  private static int count(String text, String part) {
    return text.split(part, -1).length - 1;
  }

  @Test
  void oneAfterAnotherTheyApplyInTheOrderGivenAndThatIsSaidOnce() {
    assertThat(merged("one", plain, dora)).isNotEqualTo(merged("two", dora, plain));
    CommandLineRun run = run("three", "--base", base, plain, dora, other, dora);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(count(run.err(), WARNING)).isEqualTo(1);
    assertThat(run.err()).contains("what dora.safetensors does", "plain.safetensors changes");
  }

  @Test
  void whereTheOrderDoesNotMatterNothingIsSaid() {
    String elsewhere = path(pair(TO_K, 768), "elsewhere");
    for (String[] loras :
        new String[][] {{plain, other}, {dora}, {elsewhere, dora}, {plain + "@0", dora}}) {
      List<String> args = new ArrayList<>(List.of("--base", base, "--overwrite"));
      args.addAll(List.of(loras));
      CommandLineRun run = run("out", args.toArray(String[]::new));
      assertThat(run.code()).as(run.err()).isZero();
      assertThat(run.err()).doesNotContain(WARNING);
    }
  }

  @Test
  void theBytesDoNotDependOnThreads() {
    byte[] one = merged("one", dora, plain, "--threads", "1");
    assertThat(merged("four", dora, plain, "--threads", "4")).isEqualTo(one);
  }

  @Test
  void withoutABaseTheCommandIsNamedThatHasOne() throws IOException {
    CommandLineRun run = run("out", plain + "@0.5", dora + "@0.25");
    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err())
        .contains(
            "dora.safetensors, " + TO_Q,
            "depends on the weights",
            "athanor merge --base CHECKPOINT plain.safetensors@0.5 dora.safetensors@0.25 --out");
    assertNothingWritten();
  }

  @Test
  void aMagnitudeThatIsNoNumberEndsTheMergeWithoutAFile() throws IOException {
    float[] values = new float[320];
    values[7] = Float.NaN;
    String broken =
        path(
            pair(TO_Q, 320).put(TO_Q + ".dora_scale", DType.F16, Shape.of(320, 1), values),
            "broken");
    CommandLineRun run = run("out", "--base", base, broken);
    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err()).contains("broken.safetensors, " + TO_Q + ".dora_scale", "NaN");
    assertNothingWritten();
  }

  private void assertNothingWritten() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith("out") || name.endsWith(".partial"));
    }
  }
}
