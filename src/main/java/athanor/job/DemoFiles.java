package athanor.job;

import athanor.file.OutputTarget;
import athanor.kernel.Kernels;
import athanor.model.Architectures;
import athanor.model.PositionIds;
import athanor.model.Recognition;
import athanor.model.ReferenceCheckpoint;
import athanor.model.Target;
import athanor.model.TargetIndex;
import athanor.safetensors.InMemoryTensor;
import athanor.safetensors.SafetensorsWriter;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Small files to try the program with: a part of an SD 1.5 checkpoint (its first and last blocks,
 * with the real keys, shapes and types, and random weights) and two LoRAs for it, one in the names
 * of kohya's trainer, one in those of diffusers. The same bytes every time.
 */
public final class DemoFiles {
  private static final List<String> KEPT =
      List.of(
          "model.diffusion_model.input_blocks.0.",
          "model.diffusion_model.input_blocks.1.",
          "model.diffusion_model.input_blocks.2.",
          "model.diffusion_model.output_blocks.10.",
          "model.diffusion_model.output_blocks.11.",
          "model.diffusion_model.time_embed.",
          "model.diffusion_model.out.",
          "cond_stage_model.transformer.text_model.encoder.layers.0.",
          "cond_stage_model.transformer.text_model.embeddings.position_ids",
          "first_stage_model.quant_conv.",
          "alphas_cumprod");

  private static final double WEIGHT_DEVIATION = 0.04;
  private static final double FACTOR_DEVIATION = 0.02;

  private final Kernels kernels;
  private final Path folder;

  /** Files to be written into a folder, existing ones replaced. */
  public DemoFiles(Kernels kernels, Path folder) {
    this.kernels = kernels;
    this.folder = folder;
  }

  /** Writes the base; returns its path. */
  public Path writeBase() {
    Path path = folder.resolve("demo-base.safetensors");
    try (Arena arena = Arena.ofConfined()) {
      var random = new SplittableRandom(1);
      List<InMemoryTensor> tensors = new ArrayList<>();
      for (TensorInfo tensor : baseTensors()) {
        tensors.add(tensor(tensor, WEIGHT_DEVIATION, random, arena));
      }
      SafetensorsWriter.write(OutputTarget.of(path, true), tensors, Map.of("format", "pt"));
    }
    return path;
  }

  /** Writes a LoRA of rank 8 named as kohya's trainer does; returns its path. */
  public Path writeKohyaLora() {
    return writeLora("demo-pixel.safetensors", 8, 2, Target::kohyaName, ".lora_up", ".lora_down");
  }

  /** Writes a LoRA of rank 4 named as diffusers and PEFT do; returns its path. */
  public Path writeDiffusersLora() {
    return writeLora("demo-ink.safetensors", 4, 3, Target::diffusersName, ".lora_B", ".lora_A");
  }

  private static List<TensorInfo> baseTensors() {
    return Architectures.byId("sd1")
        .flatMap(architecture -> ReferenceCheckpoint.of(architecture, DType.F16))
        .orElseThrow()
        .stream()
        .filter(tensor -> KEPT.stream().anyMatch(tensor.key()::startsWith))
        .toList();
  }

  private Path writeLora(
      String name, int rank, int seed, Function<Target, String> naming, String up, String down) {
    var random = new SplittableRandom(seed);
    var model = ((Recognition.Checkpoint) Recognition.of(baseTensors())).model();
    List<InMemoryTensor> tensors = new ArrayList<>();
    Path path = folder.resolve(name);
    try (Arena arena = Arena.ofConfined()) {
      for (Target target : TargetIndex.of(model).targets()) {
        String module = naming.apply(target);
        if (isAttention(target)) {
          for (TensorInfo factor : factors(target, module, rank, up, down)) {
            tensors.add(tensor(factor, FACTOR_DEVIATION, random, arena));
          }
        }
      }
      SafetensorsWriter.write(OutputTarget.of(path, true), tensors, Map.of());
    }
    return path;
  }

  private static boolean isAttention(Target target) {
    String name = target.kohyaName();
    return name.contains("_attn") && target.shape().rank() == 2;
  }

  private static List<TensorInfo> factors(
      Target target, String module, int rank, String up, String down) {
    Shape shape = target.shape();
    return List.of(
        new TensorInfo(module + up + ".weight", DType.F16, Shape.of(shape.dim(0), rank)),
        new TensorInfo(module + down + ".weight", DType.F16, Shape.of(rank, shape.dim(1))));
  }

  private InMemoryTensor tensor(
      TensorInfo info, double deviation, SplittableRandom random, Arena arena) {
    MemorySegment bytes = arena.allocate(info.byteSize(), 8);
    if (info.key().endsWith(".position_ids")) {
      bytes.copyFrom(PositionIds.values());
    } else {
      float[] values = new float[Math.toIntExact(info.shape().elementCount())];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) ((random.nextDouble() * 2 - 1) * deviation);
      }
      kernels.fromFloat(values, 0, info.dtype(), bytes, 0, values.length);
    }
    return new InMemoryTensor(info, bytes);
  }
}
