package athanor.merge.lora.writing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.delta.LowRankFactors;
import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.file.OutputTarget;
import athanor.format.ModelHash;
import athanor.format.StateDicts;
import athanor.kernel.Kernels;
import athanor.merge.lora.LoraFormat;
import athanor.merge.lora.LoraModule;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.Gen;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LoRA files written from modules. */
class LoraWriterTest {
  private static final Map<String, String> METADATA =
      Map.of("ss_network_module", "networks.lora", "modelspec.title", "x");

  @TempDir private Path folder;

  private static List<LoraModule> modules(int count, DType dtype, double deviation) {
    Gen gen = Gen.fixed(3);
    List<LoraModule> modules = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int rank = 1 + i % 3;
      float[] up = gen.gaussians(64 * rank, deviation);
      float[] down = gen.gaussians(rank * 48, deviation);
      Shape shape = i % 2 == 0 ? Shape.of(64, 48) : Shape.of(64, 12, 2, 2);
      modules.add(
          LoraModule.pair(
              "lora_unet_m" + i,
              LoraFormat.KOHYA,
              shape,
              rank,
              rank,
              dtype,
              kernels -> new LowRankFactors(rank, up, down)));
    }
    return modules;
  }

  private LoraWriter.Written write(List<LoraModule> modules, String name, int threads) {
    return new LoraWriter(Kernels.create(), threads, Progress.NONE, new Cancellation())
        .write(OutputTarget.of(folder.resolve(name), false), modules, METADATA, List.of(), false);
  }

  @Test
  void storesBothHashesOfWhatIsReallyInTheFile() {
    LoraWriter.Written written = write(modules(40, DType.F16, 0.1), "a.safetensors", 2);
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("a.safetensors"))) {
      ModelHash recomputed = ModelHash.of(file);
      assertThat(written.hash()).contains(recomputed);
      assertThat(file.metadata())
          .containsEntry("sshs_model_hash", recomputed.model())
          .containsEntry("sshs_legacy_hash", recomputed.legacy())
          .containsAllEntriesOf(METADATA);
    }
  }

  @Test
  void givesTheSameBytesForAnyNumberOfThreads() throws IOException {
    List<LoraModule> modules = modules(40, DType.BF16, 0.1);
    write(modules, "one.safetensors", 1);
    write(modules.reversed(), "five.safetensors", 5);
    assertThat(Files.readAllBytes(folder.resolve("five.safetensors")))
        .isEqualTo(Files.readAllBytes(folder.resolve("one.safetensors")));
  }

  @Test
  void givesFactorsTheDimensionsOfTheWeight() {
    write(modules(2, DType.F16, 0.1), "a.safetensors", 2);
    try (StateDict file = StateDicts.open(folder.resolve("a.safetensors"))) {
      assertThat(file.find("lora_unet_m0.lora_up.weight").orElseThrow().shape())
          .isEqualTo(Shape.of(64, 1));
      assertThat(file.find("lora_unet_m1.lora_up.weight").orElseThrow().shape())
          .isEqualTo(Shape.of(64, 2, 1, 1));
      assertThat(file.find("lora_unet_m1.lora_down.weight").orElseThrow().shape())
          .isEqualTo(Shape.of(2, 12, 2, 2));
    }
  }

  @Test
  void storesAnAlphaThatBf16CannotHoldAsFloat32() {
    int rank = 257;
    LoraModule module =
        LoraModule.pair(
            "m",
            LoraFormat.KOHYA,
            Shape.of(300, 300),
            rank,
            rank,
            DType.BF16,
            kernels -> new LowRankFactors(rank, new float[300 * rank], new float[rank * 300]));
    write(List.of(module), "a.safetensors", 1);
    assertThat(TensorFile.floats(folder.resolve("a.safetensors"), "m.alpha")).containsExactly(257f);
  }

  @Test
  void writesTorchFilesToo() {
    LoraWriter.Written written = write(modules(5, DType.F16, 0.1), "a.ckpt", 2);
    assertThat(written.hash()).isEmpty();
    try (StateDict file = StateDicts.open(folder.resolve("a.ckpt"))) {
      assertThat(file.tensors()).hasSize(15);
    }
  }

  @Test
  void refusesValuesThatOverflowAndLeavesNothingBehind() throws IOException {
    assertThatThrownBy(() -> write(modules(3, DType.F16, 1e6), "a.safetensors", 2))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> {
              assertThat(e.problem().kind()).isEqualTo(Kind.VERIFICATION);
              assertThat(e.problem().where().orElseThrow()).startsWith("lora_unet_m0.");
            });
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void stopsWhenCancelledAndLeavesNothingBehind() throws IOException {
    var cancellation = new Cancellation();
    cancellation.request();
    var writer = new LoraWriter(Kernels.create(), 2, Progress.NONE, cancellation);
    OutputTarget target = OutputTarget.of(folder.resolve("a.safetensors"), false);
    assertThatThrownBy(
            () -> writer.write(target, modules(3, DType.F16, 1), METADATA, List.of(), false))
        .isInstanceOf(AthanorException.class);
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }
}
