package athanor.bench;

import athanor.file.OutputFile;
import athanor.file.OutputTarget;
import athanor.model.Architecture;
import athanor.model.Architectures;
import athanor.model.PositionIds;
import athanor.model.ReferenceCheckpoint;
import athanor.model.Target;
import athanor.model.TargetIndex;
import athanor.model.naming.ComponentNames;
import athanor.safetensors.SafetensorsLayout;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Writes full-size benchmark inputs: a checkpoint with the real keys and shapes of an architecture
 * in fp16 or bf16, and LoRAs as kohya's trainer names them, all with random weights; alpha is half
 * the rank. Other formats have the sizes that their trainers choose: LoHa of that rank, LoKr of
 * factor 8 with whole sides, DoRA with a magnitude for each output or input, OFT in blocks of 8.
 *
 * <p>Arguments: {@code [--loras-only|--other] [--format FORMAT] ARCHITECTURE RANK COUNT FOLDER},
 * for example {@code sdxl 32 4 /tmp/bench}; with {@code --other} there is a second checkpoint, to
 * be mixed with the first.
 */
public final class FullSizeFiles {
  private static final int NOISE_ELEMENTS = 4 << 20;
  private static final String LORAS_ONLY = "--loras-only";
  private static final String FORMAT = "--format";
  private static final int FACTOR = 8;
  private static final String OTHER = "--other";

  private FullSizeFiles() {}

  /** Writes the files that do not exist yet and prints the names of all. */
  public static void main(String[] args) {
    List<String> arguments = new ArrayList<>(List.of(args));
    boolean lorasOnly = arguments.remove(LORAS_ONLY);
    boolean other = arguments.remove(OTHER);
    String format = "lora";
    int option = arguments.indexOf(FORMAT);
    if (option >= 0) {
      format = arguments.get(option + 1);
      arguments.subList(option, option + 2).clear();
    }
    if (arguments.size() != 4) {
      throw new IllegalArgumentException(
          "expected: [--loras-only|--other] [--format FORMAT] ARCHITECTURE RANK COUNT FOLDER");
    }
    String name = arguments.get(0);
    Architecture architecture =
        Architectures.all().stream()
            .filter(one -> one.id().replace("-", "").equals(name.replace("-", "")))
            .findFirst()
            .orElseThrow();
    int rank = Integer.parseInt(arguments.get(1));
    int count = Integer.parseInt(arguments.get(2));
    Path folder = Path.of(arguments.get(3));
    if (!lorasOnly) {
      write(folder.resolve(name + "-base.safetensors"), base(architecture), 0.02, 0);
    }
    if (other) {
      write(
          folder.resolve(architecture.id() + "-other.safetensors"),
          ReferenceCheckpoint.of(architecture, DType.F16).orElseThrow(),
          0.02,
          0);
    }
    for (int number = 1; number <= count; number++) {
      String file = name + "-" + format + "-r" + rank + "-" + number + ".safetensors";
      write(folder.resolve(file), lora(architecture, format, rank), 0.05, rank / 2f);
    }
  }

  /** A UNet with all its parts in fp16; a transformer as most are published, alone and in bf16. */
  private static List<TensorInfo> base(Architecture architecture) {
    if (!isTransformer(architecture)) {
      return ReferenceCheckpoint.of(architecture, DType.F16).orElseThrow();
    }
    String denoiser = ComponentNames.of("denoiser").checkpoint().getFirst();
    return ReferenceCheckpoint.of(architecture, DType.BF16).orElseThrow().stream()
        .filter(tensor -> tensor.key().startsWith(denoiser))
        .toList();
  }

  private static boolean isTransformer(Architecture architecture) {
    return architecture.facts().table().isPresent();
  }

  private static List<TensorInfo> lora(Architecture architecture, String format, int rank) {
    List<TensorInfo> tensors = new ArrayList<>();
    for (Target target : TargetIndex.ofReference(architecture).orElseThrow().targets()) {
      boolean trained =
          isTransformer(architecture)
              ? !target.component().isTextEncoder()
                  && architecture.layout().orElseThrow().isTrained(target, false)
              : isTrained(target);
      if (trained) {
        module(tensors, target, format, rank);
      }
    }
    return tensors;
  }

  private static void module(List<TensorInfo> tensors, Target target, String format, int rank) {
    Shape shape = target.deltaShape();
    String name = target.kohyaName();
    long out = shape.dim(0);
    long in = shape.dim(1);
    boolean convolution = shape.rank() == 4;
    Shape left = convolution ? Shape.of(out, rank, 1, 1) : Shape.of(out, rank);
    Shape right = convolution ? Shape.of(rank, in, 1, 1) : Shape.of(rank, in);
    switch (format) {
      case "lora", "dora", "dora-in" -> {
        put(tensors, name, ".alpha", Shape.of());
        put(tensors, name, ".lora_down.weight", right);
        put(tensors, name, ".lora_up.weight", left);
        if (!format.equals("lora")) {
          boolean inputs = format.equals("dora-in");
          Shape magnitude = inputs ? Shape.of(1, in) : Shape.of(out, 1);
          Shape ofKernel = inputs ? Shape.of(1, in, 1, 1) : Shape.of(out, 1, 1, 1);
          put(tensors, name, ".dora_scale", convolution ? ofKernel : magnitude);
        }
      }
      case "loha" -> {
        put(tensors, name, ".alpha", Shape.of());
        put(tensors, name, ".hada_w1_a", Shape.of(out, rank));
        put(tensors, name, ".hada_w1_b", Shape.of(rank, in));
        put(tensors, name, ".hada_w2_a", Shape.of(out, rank));
        put(tensors, name, ".hada_w2_b", Shape.of(rank, in));
      }
      case "lokr" -> {
        put(tensors, name, ".alpha", Shape.of());
        put(tensors, name, ".lokr_w1", Shape.of(FACTOR, FACTOR));
        Shape second = Shape.of(out / FACTOR, in / FACTOR);
        Shape ofKernel = Shape.of(out / FACTOR, in / FACTOR, 1, 1);
        put(tensors, name, ".lokr_w2", convolution ? ofKernel : second);
      }
      case "oft" -> put(tensors, name, ".oft_blocks", Shape.of(out / FACTOR, FACTOR, FACTOR));
      default -> throw new IllegalArgumentException("no such format: " + format);
    }
  }

  private static void put(List<TensorInfo> tensors, String module, String end, Shape shape) {
    tensors.add(new TensorInfo(module + end, DType.F16, shape));
  }

  /**
   * What kohya's trainer changes by default: attentions with their projections, and text layers.
   */
  private static boolean isTrained(Target target) {
    String name = target.kohyaName();
    boolean matrix =
        target.shape().rank() >= 2 && target.shape().columns() == target.shape().dim(1);
    boolean unet =
        name.contains("_attentions_")
            || name.matches(".*(input|output)_blocks_\\d+_1_.*")
            || name.contains("middle_block_1_");
    boolean text = name.contains("_self_attn_") || name.contains("_mlp_fc");
    boolean norm = name.contains("norm");
    return matrix
        && !norm
        && !name.contains("emb_layers")
        && !name.contains("upsamplers")
        && (target.component().isTextEncoder() ? text : unet);
  }

  private static void write(Path path, List<TensorInfo> tensors, double deviation, float alpha) {
    System.out.println(path);
    if (Files.exists(path)) {
      return;
    }
    SafetensorsLayout layout = SafetensorsLayout.sorted(tensors, Map.of("format", "pt"));
    try (Arena arena = Arena.ofConfined();
        OutputFile output = OutputTarget.of(path, false).requireSpace(layout.size()).open()) {
      boolean bfloat = tensors.stream().anyMatch(tensor -> tensor.dtype() == DType.BF16);
      int seed = String.valueOf(path.getFileName()).hashCode();
      MemorySegment noise = noise(arena, seed, deviation, bfloat);
      MemorySegment alphaBytes = arena.allocate(2, 2);
      alphaBytes.set(ValueLayout.JAVA_SHORT, 0, Float.floatToFloat16(alpha));
      for (int i = 0; i < layout.tensors().size(); i++) {
        TensorInfo tensor = layout.tensors().get(i);
        if (tensor.key().endsWith(".alpha")) {
          output.write(layout.position(i), alphaBytes);
        } else if (tensor.key().endsWith(".position_ids")) {
          output.write(layout.position(i), PositionIds.values());
        } else {
          fill(output, layout.position(i), tensor.byteSize(), noise);
        }
      }
      layout.writeFrame(output, new int[0]);
      output.finish(layout.size());
    }
  }

  /** Repeats the noise as often as needed. */
  private static void fill(OutputFile output, long position, long size, MemorySegment noise) {
    for (long done = 0; done < size; done += noise.byteSize()) {
      output.write(position + done, noise.asSlice(0, Math.min(noise.byteSize(), size - done)));
    }
  }

  private static MemorySegment noise(Arena arena, long seed, double deviation, boolean bfloat) {
    var random = new SplittableRandom(seed);
    MemorySegment noise = arena.allocate(2L * NOISE_ELEMENTS, 8);
    for (int i = 0; i < NOISE_ELEMENTS; i++) {
      float number = (float) (random.nextGaussian() * deviation);
      short value =
          bfloat ? (short) (Float.floatToIntBits(number) >>> 16) : Float.floatToFloat16(number);
      noise.setAtIndex(ValueLayout.JAVA_SHORT, i, value);
    }
    return noise;
  }
}
