package athanor.merge.lora.writing;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.file.OutputFile;
import athanor.file.OutputTarget;
import athanor.format.ModelHash;
import athanor.format.OutputFormat;
import athanor.kernel.Kernels;
import athanor.merge.engine.MemoryForecast;
import athanor.merge.engine.ResultFile;
import athanor.merge.engine.Workers;
import athanor.merge.lora.LoraModule;
import athanor.merge.metadata.MetadataKeys;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.safetensors.SafetensorsLayout;
import athanor.tensor.DType;
import athanor.tensor.StateDict;
import athanor.tensor.StateDictLayout;
import athanor.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.IntConsumer;
import java.util.zip.CRC32;

/**
 * Writes LoRA files. Workers compute whole modules, so that memory is bounded by the largest module
 * times their number and the bytes do not depend on it. Safetensors files get the tensors in the
 * order of the reference implementation and both {@code sshs} hashes of what is really stored; a
 * .ckpt has no place for metadata. Reusable, one file at a time.
 */
public final class LoraWriter {
  /** Holds the place of the hashes while they are unknown: their length is certain. */
  private static final ModelHash NO_HASH = new ModelHash("0".repeat(64), "0".repeat(8));

  private final Kernels kernels;
  private final int threads;
  private final Progress progress;
  private final Cancellation cancellation;

  /**
   * A writer.
   *
   * @param kernels the arithmetic
   * @param threads number of workers, at least 1
   * @param progress told of every finished module
   * @param cancellation looked at before every module
   */
  public LoraWriter(Kernels kernels, int threads, Progress progress, Cancellation cancellation) {
    this.kernels = kernels;
    this.threads = threads;
    this.progress = progress;
    this.cancellation = cancellation;
  }

  /**
   * What was written.
   *
   * @param bytes size of the file
   * @param sha256 of the file, 64 hex digits, if that was asked for
   * @param hash the hashes in its metadata; empty for a .ckpt
   * @param unstorable tensors that hold infinities, NaN or saturated fp8 values, with how many
   */
  public record Written(
      long bytes,
      Optional<String> sha256,
      Optional<ModelHash> hash,
      SortedMap<String, Long> unstorable) {}

  /** The layout of a file with these modules; hashes in it are zeros, but the size is right. */
  public static StateDictLayout layout(
      OutputTarget target, List<LoraModule> modules, Map<String, String> metadata) {
    List<TensorInfo> tensors = modules.stream().flatMap(m -> m.tensors().stream()).toList();
    SafetensorsLayout sorted = withHashes(tensors, metadata, NO_HASH);
    return switch (OutputFormat.of(target.path())) {
      case SAFETENSORS -> sorted;
      case CKPT -> OutputFormat.CKPT.layout(sorted.tensors(), Map.of());
    };
  }

  /** Heap that a worker takes for the most demanding of these modules, in bytes. */
  public static long workerMemory(List<LoraModule> modules) {
    return modules.stream().mapToLong(LoraModule::memory).max().orElse(0);
  }

  private static SafetensorsLayout withHashes(
      List<TensorInfo> tensors, Map<String, String> metadata, ModelHash hash) {
    Map<String, String> complete = new LinkedHashMap<>(metadata);
    complete.put(MetadataKeys.MODEL_HASH, hash.model());
    complete.put(MetadataKeys.LEGACY_HASH, hash.legacy());
    return SafetensorsLayout.sorted(tensors, complete);
  }

  /**
   * Writes, verifies and publishes a file.
   *
   * @param target where it goes
   * @param modules its modules, in any order
   * @param metadata its text metadata without the hashes
   * @param inputs the files that the values come from; the output may be none of them, and they
   *     must not change meanwhile
   * @param allowNonFinite whether infinities may be written
   * @throws athanor.error.AthanorException of kind USAGE if the output is an input or has another
   *     extension, of kind RESOURCES if the disk or the heap is too small or the disk fails, of
   *     kind VERIFICATION if a value overflows to infinity and that is not allowed or the written
   *     file is not the planned one, of kind BAD_FILE if an input cannot be read or has changed, of
   *     kind CANCELLED
   */
  public Written write(
      OutputTarget target,
      List<LoraModule> modules,
      Map<String, String> metadata,
      Collection<InputFile> inputs,
      boolean allowNonFinite) {
    target.refuseInputs(inputs);
    StateDictLayout layout = layout(target, modules, metadata);
    target.requireSpace(layout.size());
    MemoryForecast.requireHeap(workerMemory(modules), threads);
    var published =
        new ResultFile(target, layout, inputs, cancellation)
            .write(output -> {
              Stored stored = store(inFileOrder(modules, layout), layout, metadata, output);
              if (!allowNonFinite) {
                refuseOverflow(stored.unstorable(), layout);
              }
              return stored;
            });
    Stored stored = published.content();
    return new Written(published.bytes(), published.sha256(), stored.hash(), stored.unstorable());
  }

  private record Stored(Optional<ModelHash> hash, SortedMap<String, Long> unstorable) {}

  private Stored store(
      List<LoraModule> modules,
      StateDictLayout layout,
      Map<String, String> metadata,
      OutputFile output) {
    int[] crc32 = new int[layout.tensors().size()];
    if (!(layout instanceof SafetensorsLayout safetensors)) {
      var unstorable = writeValues(modules, layout, output, crc32, index -> {});
      layout.writeFrame(output, crc32);
      return new Stored(Optional.empty(), unstorable);
    }
    try (var hashing = new HashWhileWriting(safetensors, output)) {
      hashing.start(metadata);
      var unstorable = writeValues(modules, layout, output, crc32, hashing::wrote);
      ModelHash hash = hashing.result();
      withHashes(layout.tensors(), metadata, hash).writeFrame(output, crc32);
      return new Stored(Optional.of(hash), unstorable);
    }
  }

  /** The order in which the hash needs them. */
  private static List<LoraModule> inFileOrder(List<LoraModule> modules, StateDictLayout layout) {
    Map<String, Integer> indexes = indexes(layout);
    return modules.stream()
        .sorted(
            Comparator.comparingInt(module ->
                module.tensors().stream()
                    .mapToInt(tensor -> indexes.get(tensor.key()))
                    .min()
                    .orElse(0)))
        .toList();
  }

  private static Map<String, Integer> indexes(StateDictLayout layout) {
    Map<String, Integer> indexes = HashMap.newHashMap(layout.tensors().size());
    for (int i = 0; i < layout.tensors().size(); i++) {
      indexes.put(layout.tensors().get(i).key(), i);
    }
    return indexes;
  }

  private SortedMap<String, Long> writeValues(
      List<LoraModule> modules,
      StateDictLayout layout,
      OutputFile output,
      int[] crc32,
      IntConsumer written) {
    Map<String, Integer> indexes = indexes(layout);
    SortedMap<String, Long> unstorable = new ConcurrentSkipListMap<>();
    long bytes = modules.stream().mapToLong(LoraModule::bytes).sum();
    progress.begin("writing", bytes, modules.size());
    try {
      new Workers(threads, cancellation)
          .forEach(
              modules.size(),
              number -> {
                LoraModule module = modules.get(number);
                store(module, layout, indexes, output, crc32, written, unstorable);
                progress.advance(module.bytes(), 1);
              });
    } finally {
      progress.end();
    }
    return unstorable;
  }

  private void store(
      LoraModule module,
      StateDictLayout layout,
      Map<String, Integer> indexes,
      OutputFile output,
      int[] crc32,
      IntConsumer written,
      SortedMap<String, Long> unstorable) {
    List<float[]> values =
        module.content() instanceof LoraModule.Computed(var computation)
            ? computation.apply(kernels)
            : List.of();
    for (int i = 0; i < module.tensors().size(); i++) {
      TensorInfo tensor = module.tensors().get(i);
      int index = indexes.getOrDefault(tensor.key(), -1);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment bytes = arena.allocate(tensor.byteSize(), 64);
        long bad =
            switch (module.content()) {
              case LoraModule.Computed _ -> round(tensor, values.get(i), bytes);
              case LoraModule.Copied(var source, var original) -> {
                source.read(original, 0, bytes);
                yield 0;
              }
              case LoraModule.Converted(var source, var original) ->
                  convert(source, original, tensor.dtype(), bytes, arena);
            };
        if (bad > 0) {
          unstorable.put(tensor.key(), bad);
        }
        output.write(layout.position(index), bytes);
        if (layout.needsChecksums()) {
          var crc = new CRC32();
          crc.update(bytes.asByteBuffer());
          crc32[index] = (int) crc.getValue();
        }
      }
      written.accept(index);
    }
  }

  private long round(TensorInfo tensor, float[] values, MemorySegment bytes) {
    int count = tensor.elementsInMemory();
    if (values.length != count) {
      throw new IllegalStateException(tensor + ": " + values.length + " values");
    }
    return kernels.fromFloat(values, 0, tensor.dtype(), bytes, 0, count);
  }

  /** Returns how many values could be stored before and cannot now. */
  private long convert(
      StateDict source, TensorInfo original, DType dtype, MemorySegment bytes, Arena arena) {
    int count = original.elementsInMemory();
    MemorySegment before = arena.allocate(original.byteSize(), 64);
    source.read(original, 0, before);
    float[] values = new float[count];
    kernels.toFloat(original.dtype(), before, 0, values, 0, count);
    long tolerated = kernels.fromFloat(values, 0, original.dtype(), before, 0, count);
    return Math.max(0, kernels.fromFloat(values, 0, dtype, bytes, 0, count) - tolerated);
  }

  private static void refuseOverflow(SortedMap<String, Long> unstorable, StateDictLayout layout) {
    for (TensorInfo tensor : layout.tensors()) {
      Long count = unstorable.get(tensor.key());
      if (count != null) {
        throw Problem.of(Kind.VERIFICATION, "the result overflows; nothing was written")
            .at(tensor.key())
            .found(count + " values too large for " + tensor.dtype().familiarName())
            .help(
                "store wider: --save_precision float (or bf16); in a merge a lower ratio helps too")
            .toException();
      }
    }
  }
}
