package athanor.job;

import static athanor.testkit.Sample.UNET;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.format.StateDicts;
import athanor.model.PositionIds;
import athanor.recipe.CheckpointEdits;
import athanor.recipe.LoraInput;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.testkit.Gen;
import athanor.testkit.Golden;
import athanor.testkit.Known;
import athanor.testkit.Merging;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Merges whose inputs and outputs are PyTorch files, and position ids put right on the way. */
class TorchMergeTest {
  private static final String BLOCK = UNET + "input_blocks.1.1.transformer_blocks.0.attn2.";
  private static final String TO_K = BLOCK + "to_k.weight";
  private static final String MODULE =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k";
  private static final String IDS = Sample.TEXT + "embeddings.position_ids";

  @TempDir private Path folder;

  private Path path(String name) {
    return folder.resolve(name);
  }

  private static TensorFile base() {
    float[] numbers = new float[77];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i == 41 ? 40 : i;
    }
    return new TensorFile()
        .put(TO_K, DType.F32, Shape.of(320, 768), Golden.g(3, 1, 320 * 768))
        .put(UNET + "out.2.bias", DType.F32, Shape.of(4), Golden.g(5, 2, 4))
        .put(IDS, DType.F16, Shape.of(1, 77), numbers);
  }

  private static TensorFile lora() {
    return new TensorFile()
        .put(MODULE + ".alpha", DType.F32, Shape.of(), 2f)
        .put(MODULE + ".lora_up.weight", DType.F32, Shape.of(320, 4), Golden.g(7, 3, 320 * 4))
        .put(MODULE + ".lora_down.weight", DType.F32, Shape.of(4, 768), Golden.g(2, 5, 4 * 768));
  }

  private Merging merging(Path base, Path lora) {
    return Merging.of(base, new LoraInput(lora, 0.5));
  }

  /** W + ½ · (2 / 4) · up · down; every step is exact in float32. */
  private static void assertMerged(Path output) {
    float[] expected = Golden.g(3, 1, 320 * 768);
    float[] up = Golden.g(7, 3, 320 * 4);
    float[] down = Golden.g(2, 5, 4 * 768);
    for (int row = 0; row < 320; row++) {
      for (int column = 0; column < 768; column++) {
        for (int k = 0; k < 4; k++) {
          expected[row * 768 + column] += 0.25f * up[row * 4 + k] * down[k * 768 + column];
        }
      }
    }
    assertThat(Arrays.equals(TensorFile.floats(output, TO_K), expected)).isTrue();
  }

  @Test
  void writesTheGoldenCkpt() throws Exception {
    Path out = path("out.ckpt");
    merging(base().writeTorch(path("base.ckpt"), true), lora().writeTorch(path("lora.pt"), false))
        .into(out);
    assertMerged(out);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(out));
    assertThat(HexFormat.of().formatHex(digest))
        .isEqualTo("353ecc79ef9cc72fff214dd1bf16419b8f0505c93f3a60a0ee1d50ddf96f32b6");
  }

  @Test
  void givesTheSameTensorsForEveryPairOfFormats() {
    List<Path> bases =
        List.of(
            base().write(path("base.safetensors")),
            base().writeTorch(path("base.ckpt"), true),
            base().writeTorch(path("bare.pt"), false));
    List<Path> loras =
        List.of(
            lora().write(path("lora.safetensors")),
            lora().writeTorch(path("lora.pt"), false),
            lora().writeTorch(path("nested.ckpt"), true));
    int number = 0;
    for (Path base : bases) {
      for (Path lora : loras) {
        for (String extension : List.of(".safetensors", ".ckpt")) {
          Path out = path("out" + number++ + extension);
          merging(base, lora).into(out);
          assertMerged(out);
          Map<String, byte[]> all = TensorFile.allBytes(out);
          Map<String, byte[]> before = TensorFile.allBytes(base);
          assertThat(all).hasSize(3).containsEntry(IDS, all.get(IDS));
          assertThat(all.get(IDS)).isEqualTo(before.get(IDS));
        }
      }
    }
  }

  @Test
  void keepsDamagedPositionIdsAndWarns() {
    Path base = base().write(path("base.safetensors"));
    try (PreparedMerge merge = merging(base, lora().write(path("lora.safetensors"))).prepare()) {
      assertThat(merge.warnings())
          .anyMatch(warning ->
              warning.contains(IDS)
                  && warning.contains("1 of 77 numbers are wrong")
                  && warning.contains("--fix-positions"));
    }
  }

  @Test
  void putsDamagedPositionIdsRightWhenAsked() {
    Path base = base().write(path("base.safetensors"));
    Path lora = lora().write(path("lora.safetensors"));
    for (String name : List.of("out.safetensors", "out.ckpt")) {
      Path out = path(name);
      Merging merging = merging(base, lora).edits(new CheckpointEdits(Optional.empty(), true));
      try (PreparedMerge merge = merging.prepare()) {
        assertThat(merge.warnings()).noneMatch(warning -> warning.contains("position_ids"));
        assertThat(merge.editSummary()).singleElement().asString().contains(IDS, "put right");
      }
      merging.into(out);
      assertMerged(out);
      try (StateDict file = StateDicts.open(out)) {
        assertThat(file.find(IDS)).contains(new TensorInfo(IDS, DType.I64, Shape.of(1, 77)));
      }
      assertThat(TensorFile.allBytes(out).get(IDS))
          .isEqualTo(PositionIds.values().toArray(ValueLayout.JAVA_BYTE));
    }
    try (StateDict file = StateDicts.open(path("out.safetensors"))) {
      assertThat(file.metadata().get("athanor.recipe")).contains("\"fixed_positions\":true");
    }
  }

  @Test
  void saysThatNoPositionIdsWereDamaged() {
    Path base =
        new TensorFile()
            .random(Sample.cutting(Known.SD1, DType.F16, BLOCK), 1, Gen.fixed(2))
            .write(path("base.safetensors"));
    try (PreparedMerge merge =
        merging(base, lora().write(path("lora.safetensors")))
            .edits(new CheckpointEdits(Optional.empty(), true))
            .prepare()) {
      assertThat(merge.editSummary()).containsExactly("no damaged position_ids to fix");
    }
  }
}
