package athanor.torchfile;

import athanor.error.AthanorException;
import athanor.error.PrintableText;
import athanor.error.Problem;
import athanor.file.OutputFile;
import athanor.tensor.DType;
import athanor.tensor.StateDictLayout;
import athanor.tensor.TensorInfo;
import athanor.torchfile.pickle.StateDictPickle;
import athanor.torchfile.pickle.TorchType;
import athanor.torchfile.zip.ZipFrame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * The plan of a PyTorch checkpoint (archive format of PyTorch ≥ 1.6) that {@code
 * torch.load(weights_only=True)} accepts, also with {@code mmap=True}: {@code archive/data.pkl},
 * {@code archive/data/0…}, {@code archive/version}, every content on a multiple of 64 bytes,
 * nothing compressed, 64-bit sizes where they are needed. It holds only records that every version
 * of the common tools accepts.
 *
 * <p>Checksums stand in the local headers before the values, but are only known after them; {@link
 * #writeFrame} fills them in at the end.
 */
public final class TorchLayout implements StateDictLayout {
  private static final byte[] VERSION = "3\n".getBytes(StandardCharsets.US_ASCII);

  private final List<TensorInfo> tensors;
  private final byte[] pickle;
  private final ZipFrame frame;

  private TorchLayout(List<TensorInfo> tensors, boolean underStateDict) {
    this.tensors = List.copyOf(tensors);
    this.pickle = StateDictPickle.of(this.tensors, underStateDict);
    List<ZipFrame.Record> records = new ArrayList<>(tensors.size() + 2);
    records.add(new ZipFrame.Record("archive/data.pkl", pickle.length));
    for (int i = 0; i < tensors.size(); i++) {
      records.add(new ZipFrame.Record("archive/data/" + i, tensors.get(i).byteSize()));
    }
    records.add(new ZipFrame.Record("archive/version", VERSION.length));
    this.frame = ZipFrame.of(records);
  }

  /**
   * A checkpoint: the tensors are in a dict under {@code state_dict}, as tools expect of models.
   *
   * @param tensors stored in this order
   * @throws AthanorException of kind INCOMPATIBLE if PyTorch has no such element type (F6), or
   *     cannot hold the shape (F4 with an odd last dimension); of kind USAGE if two keys are equal
   *     or a key is not proper Unicode
   */
  public static TorchLayout stateDict(List<TensorInfo> tensors) {
    return checked(tensors, true);
  }

  /**
   * A file whose top level is the state dict itself, as tools expect of LoRAs; otherwise as {@link
   * #stateDict}.
   */
  public static TorchLayout bare(List<TensorInfo> tensors) {
    return checked(tensors, false);
  }

  private static TorchLayout checked(List<TensorInfo> tensors, boolean underStateDict) {
    Set<String> keys = HashSet.newHashSet(tensors.size());
    for (TensorInfo tensor : tensors) {
      if (!keys.add(tensor.key())) {
        throw bad(Problem.usage("two tensors have the same key"), tensor);
      }
      if (!StandardCharsets.UTF_8.newEncoder().canEncode(tensor.key())) {
        throw bad(Problem.usage("a key is not proper Unicode"), tensor);
      }
      requireTorchType(tensor);
    }
    return new TorchLayout(tensors, underStateDict);
  }

  private static void requireTorchType(TensorInfo tensor) {
    boolean oddHalfBytes =
        tensor.dtype() == DType.F4
            && (tensor.shape().rank() == 0
                || tensor.shape().dim(tensor.shape().rank() - 1) % 2 != 0);
    if (TorchType.of(tensor.dtype()).isEmpty() || oddHalfBytes) {
      throw bad(
          Problem.incompatible("PyTorch files cannot hold this tensor")
              .found(tensor.dtype() + " " + tensor.shape())
              .help("write a .safetensors file instead"),
          tensor);
    }
  }

  private static AthanorException bad(Problem problem, TensorInfo tensor) {
    return problem.at("tensor " + PrintableText.ofName(tensor.key())).toException();
  }

  @Override
  public List<TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public long position(int index) {
    return frame.position(index + 1);
  }

  @Override
  public long size() {
    return frame.size();
  }

  /** Always: the archive holds a checksum of every tensor. */
  @Override
  public boolean needsChecksums() {
    return true;
  }

  /**
   * Writes the pickle, the headers and the directory.
   *
   * @throws IllegalArgumentException if the number of checksums is not that of the tensors
   */
  @Override
  public void writeFrame(OutputFile output, int[] crc32) {
    if (crc32.length != tensors.size()) {
      throw new IllegalArgumentException(crc32.length + " checksums for " + tensors.size());
    }
    int[] all = new int[crc32.length + 2];
    all[0] = crc32Of(pickle);
    System.arraycopy(crc32, 0, all, 1, crc32.length);
    all[all.length - 1] = crc32Of(VERSION);
    frame.write(output, all);
    output.write(frame.position(0), ByteBuffer.wrap(pickle));
    output.write(frame.position(all.length - 1), ByteBuffer.wrap(VERSION));
  }

  private static int crc32Of(byte[] bytes) {
    var crc32 = new CRC32();
    crc32.update(bytes);
    return (int) crc32.getValue();
  }
}
