package athanor.testkit;

import athanor.file.OutputFile;
import athanor.file.OutputTarget;
import athanor.format.StateDicts;
import athanor.kernel.Kernels;
import athanor.safetensors.InMemoryTensor;
import athanor.safetensors.SafetensorsWriter;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.torchfile.TorchLayout;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/** Builds safetensors files in code, and reads tensors back as float32 or as bytes. */
public final class TensorFile {
  private static final Kernels KERNELS = Kernels.create();

  private final Map<String, InMemoryTensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  /** All tensors of a file, to put others in their place. */
  public static TensorFile copyOf(Path path) {
    var copy = new TensorFile();
    Map<String, byte[]> values = allBytes(path);
    try (StateDict file = StateDicts.open(path)) {
      file.tensors().forEach(tensor -> copy.put(tensor, values.get(tensor.key())));
    }
    return copy;
  }

  /** A tensor of these values, rounded to its type. */
  public TensorFile put(String key, DType dtype, Shape shape, float... values) {
    TensorInfo info = new TensorInfo(key, dtype, shape);
    byte[] bytes = new byte[Math.toIntExact(info.byteSize())];
    KERNELS.fromFloat(values, 0, dtype, MemorySegment.ofArray(bytes), 0, values.length);
    return put(info, bytes);
  }

  /** A tensor of these bytes. */
  public TensorFile put(TensorInfo info, byte[] bytes) {
    tensors.put(info.key(), InMemoryTensor.of(info, bytes));
    return this;
  }

  /** A tensor of normally distributed values. */
  public TensorFile random(String key, DType dtype, Shape shape, double deviation, Gen gen) {
    return put(key, dtype, shape, gen.gaussians((int) shape.elementCount(), deviation));
  }

  /** All these tensors with normally distributed values; integers get random bytes. */
  public TensorFile random(List<TensorInfo> infos, double deviation, Gen gen) {
    for (TensorInfo info : infos) {
      if (info.dtype().isArithmetic()) {
        random(info.key(), info.dtype(), info.shape(), deviation, gen);
      } else {
        put(info, gen.bytes((int) info.byteSize()));
      }
    }
    return this;
  }

  /** Takes a tensor out again. */
  public TensorFile remove(String key) {
    tensors.remove(key);
    return this;
  }

  /** A metadata entry. */
  public TensorFile metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /** Writes the file; returns its path. */
  public Path write(Path path) {
    SafetensorsWriter.write(OutputTarget.of(path, true), List.copyOf(tensors.values()), metadata);
    return path;
  }

  /**
   * Writes a PyTorch file, its checksums right; returns its path.
   *
   * @param nested whether the tensors are under {@code state_dict}
   */
  public Path writeTorch(Path path, boolean nested) {
    List<InMemoryTensor> all = List.copyOf(tensors.values());
    List<TensorInfo> infos = all.stream().map(InMemoryTensor::info).toList();
    TorchLayout layout = nested ? TorchLayout.stateDict(infos) : TorchLayout.bare(infos);
    int[] checksums = new int[all.size()];
    try (OutputFile output = OutputTarget.of(path, true).open()) {
      for (int i = 0; i < all.size(); i++) {
        MemorySegment values = all.get(i).values();
        output.write(layout.position(i), values);
        var crc32 = new CRC32();
        crc32.update(values.asByteBuffer());
        checksums[i] = (int) crc32.getValue();
      }
      layout.writeFrame(output, checksums);
      output.seal(layout.size());
      output.publish();
    }
    return path;
  }

  /** The values of a tensor of a file, as float32. */
  public static float[] floats(Path path, String key) {
    try (StateDict file = StateDicts.open(path)) {
      TensorInfo tensor = file.find(key).orElseThrow();
      float[] values = new float[(int) tensor.shape().elementCount()];
      byte[] bytes = bytes(file, tensor);
      KERNELS.toFloat(tensor.dtype(), MemorySegment.ofArray(bytes), 0, values, 0, values.length);
      return values;
    }
  }

  /** The stored bytes of every tensor of a file. */
  public static Map<String, byte[]> allBytes(Path path) {
    Map<String, byte[]> all = new LinkedHashMap<>();
    try (StateDict file = StateDicts.open(path)) {
      for (TensorInfo tensor : file.tensors()) {
        all.put(tensor.key(), bytes(file, tensor));
      }
    }
    return all;
  }

  private static byte[] bytes(StateDict file, TensorInfo tensor) {
    byte[] bytes = new byte[Math.toIntExact(tensor.byteSize())];
    file.read(tensor, 0, MemorySegment.ofArray(bytes));
    return bytes;
  }
}
