package athanor.job;

import static athanor.testkit.Sample.UNET;

import athanor.file.OutputTarget;
import athanor.kernel.Kernels;
import athanor.merge.method.mix.MixMethods;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Precision;
import athanor.merge.plan.Strength;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.CheckpointEdits;
import athanor.recipe.LoraInput;
import athanor.recipe.MixInput;
import athanor.recipe.Recipe;
import athanor.safetensors.InMemoryTensor;
import athanor.safetensors.SafetensorsWriter;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.Gen;
import athanor.testkit.Known;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Pieces of work that read and write every kind of file, small enough to be done often. */
enum SmallWork {
  /** A merge into a new safetensors file. */
  MERGE("out.safetensors", false),
  /** A merge that replaces a file. */
  MERGE_OVER("out.safetensors", true),
  /** A merge from a PyTorch file into a new one. */
  MERGE_CKPT("out.ckpt", false),
  /** A merge into a mix of two checkpoints. */
  MIX("out.safetensors", true),
  /** A LoRA that is in memory. */
  LORA("out.safetensors", true);

  private static final String TO_Q =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_q";
  private static final Kernels KERNELS = Kernels.create();

  private final String outputName;
  private final boolean replaces;

  SmallWork(String outputName, boolean replaces) {
    this.outputName = outputName;
    this.replaces = replaces;
  }

  String outputName() {
    return outputName;
  }

  boolean replaces() {
    return replaces;
  }

  /** Writes the files that {@link #run} reads. */
  List<Path> writeInputs(Path folder) throws IOException {
    Gen gen = Gen.fixed(11);
    if (this == LORA) {
      return List.of();
    }
    Path base =
        new TensorFile().random(tensors(), 0.05, gen).write(folder.resolve("base.safetensors"));
    Path lora =
        Sample.pair(new TensorFile(), TO_Q, 320, 2, 320, DType.F16, gen)
            .write(folder.resolve("lora.safetensors"));
    if (this == MIX) {
      Path other =
          new TensorFile().random(tensors(), 0.05, gen).write(folder.resolve("other.safetensors"));
      return List.of(base, lora, other);
    }
    if (this != MERGE_CKPT) {
      return List.of(base, lora);
    }
    Path torch = folder.resolve("base.ckpt");
    merge(List.of(base, lora), torch, false, 1, Progress.NONE);
    Files.delete(base);
    return List.of(torch, lora);
  }

  private static List<TensorInfo> tensors() {
    return Sample.cutting(
        Known.SD1,
        DType.F16,
        UNET + "input_blocks.0.",
        UNET + "input_blocks.1.1.transformer_blocks.0.attn2.",
        UNET + "out.",
        "alphas_cumprod");
  }

  /** Does the work with one worker, so that the order of all operations is always the same. */
  void run(List<Path> inputs, Path output) {
    if (this == LORA) {
      writeLora(output);
    } else {
      merge(inputs, output, replaces, 1, Progress.NONE);
    }
  }

  private void writeLora(Path output) {
    Gen gen = Gen.fixed(12);
    List<InMemoryTensor> tensors =
        List.of(tensor(".lora_down.weight", gen), tensor(".lora_up.weight", gen));
    SafetensorsWriter.write(OutputTarget.of(output, replaces), tensors, Map.of("format", "pt"));
  }

  private static InMemoryTensor tensor(String part, Gen gen) {
    var info = new TensorInfo(TO_Q + part, DType.F16, Shape.of(64, 64));
    return InMemoryTensor.of(info, gen.bytes(64 * 64 * 2));
  }

  /** A merge whose bytes depend on nothing but its inputs: no metadata, so no date. */
  static void merge(
      List<Path> inputs, Path output, boolean replace, int threads, Progress progress) {
    var options = new MergeOptions(Precision.FLOAT, Optional.empty(), false, false, false);
    var loras = List.of(new LoraInput(inputs.get(1), 0.7));
    List<MixInput> mix =
        inputs.stream()
            .skip(2)
            .map(other -> new MixInput(other, Optional.empty(), Strength.of(0.4)))
            .toList();
    var recipe =
        new Recipe(
            Optional.of(inputs.get(0)),
            mix,
            loras,
            options,
            CheckpointEdits.none(),
            MixMethods.LIST.standard(),
            false);
    try (PreparedMerge merge = PreparedMerge.of(recipe)) {
      new MergeRun("test", KERNELS, threads, progress, new Cancellation())
          .run(merge, OutputTarget.of(output, replace));
    }
  }
}
