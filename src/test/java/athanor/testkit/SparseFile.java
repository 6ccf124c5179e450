package athanor.testkit;

import athanor.file.OutputFile;
import athanor.file.OutputTarget;
import athanor.format.OutputFormat;
import athanor.format.StateDicts;
import athanor.tensor.StateDict;
import athanor.tensor.StateDictLayout;
import athanor.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Files of real size that take no room: every tensor begins with a mark of its key, all other bytes
 * are zero and mostly a hole in the file. No tensor may be empty.
 */
public final class SparseFile {
  private static final int MARK_BYTES = 6;

  private SparseFile() {}

  /** Writes a .safetensors or .ckpt file, by the extension; returns its path. */
  public static Path write(Path path, List<TensorInfo> tensors) {
    StateDictLayout layout = OutputFormat.of(path).layout(tensors, Map.of());
    try (OutputFile output = OutputTarget.of(path, true).open()) {
      for (int i = 0; i < tensors.size(); i++) {
        long last = layout.position(i) + tensors.get(i).byteSize() - 1;
        output.write(last, MemorySegment.ofArray(new byte[1]));
        output.write(layout.position(i), MemorySegment.ofArray(mark(tensors.get(i))));
      }
      layout.writeFrame(output, new int[tensors.size()]);
      output.seal(layout.size());
      output.publish();
    }
    return path;
  }

  /** The first bytes of a tensor that {@link #write} wrote; small positive numbers of any type. */
  public static byte[] mark(TensorInfo tensor) {
    byte[] mark = new byte[(int) Math.min(MARK_BYTES, tensor.byteSize())];
    int hash = tensor.key().hashCode();
    for (int i = 0; i < mark.length; i++) {
      mark[i] = (byte) (hash >>> (5 * i) & 31);
    }
    return mark;
  }

  /** The first bytes of every tensor of a file, by key, in the order of the file. */
  public static Map<String, byte[]> marks(Path path) {
    Map<String, byte[]> marks = new LinkedHashMap<>();
    try (StateDict file = StateDicts.open(path)) {
      for (TensorInfo tensor : file.tensors()) {
        byte[] mark = new byte[(int) Math.min(MARK_BYTES, tensor.byteSize())];
        file.read(tensor, 0, MemorySegment.ofArray(mark));
        marks.put(tensor.key(), mark);
      }
    }
    return marks;
  }
}
