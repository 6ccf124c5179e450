package athanor.safetensors;

import athanor.error.Problem;
import athanor.file.OutputFile;
import athanor.tensor.StateDictLayout;
import athanor.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The plan of a safetensors file: header and positions. The first value begins at a multiple of 8;
 * values follow each other without holes. Immutable.
 */
public final class SafetensorsLayout implements StateDictLayout {
  private static final Comparator<TensorInfo> REFERENCE_ORDER =
      Comparator.comparing(TensorInfo::dtype)
          .reversed()
          .thenComparing(TensorInfo::key, CodePointOrder.INSTANCE);

  private final List<TensorInfo> tensors;
  private final long[] positions;
  private final byte[] frame;
  private final long size;

  private SafetensorsLayout(
      List<TensorInfo> tensors, Map<String, String> metadata, boolean withMetadata) {
    this.tensors = List.copyOf(tensors);
    refuseUnwritableKeys(this.tensors);
    long[] begins = new long[tensors.size()];
    var header = new HeaderWriter();
    if (withMetadata) {
      header.metadata(metadata);
    }
    long running = 0;
    for (int i = 0; i < begins.length; i++) {
      begins[i] = running;
      running = Math.addExact(running, byteSize(this.tensors.get(i)));
      header.tensor(this.tensors.get(i), begins[i], running);
    }
    this.frame = frame(header.finish());
    for (int i = 0; i < begins.length; i++) {
      begins[i] += frame.length;
    }
    this.positions = begins;
    this.size = Math.addExact(frame.length, running);
  }

  /**
   * A file with the tensors in this very order, as when a checkpoint is rewritten.
   *
   * @param metadata texts for {@code __metadata__}, stored in the order of their keys; an empty map
   *     stores none
   * @throws athanor.error.AthanorException of kind BAD_FILE if two tensors have the same key, a
   *     text cannot be stored as UTF-8, values do not fill whole bytes, or the header exceeds 100
   *     MB
   */
  public static SafetensorsLayout inOrder(List<TensorInfo> tensors, Map<String, String> metadata) {
    return new SafetensorsLayout(tensors, metadata, !metadata.isEmpty());
  }

  /**
   * A file with the tensors in the order of the reference implementation's writer: by dtype, widest
   * kinds first ({@link athanor.tensor.DType} descending), then by the UTF-8 bytes of the key. The
   * bytes equal those of the Python package, apart from its random order of metadata.
   *
   * @throws athanor.error.AthanorException as {@link #inOrder}
   */
  public static SafetensorsLayout sorted(List<TensorInfo> tensors, Map<String, String> metadata) {
    return new SafetensorsLayout(inReferenceOrder(tensors), metadata, !metadata.isEmpty());
  }

  /**
   * Like {@link #sorted}, but an empty map is stored as an empty object, as by the Python package's
   * {@code save(tensors, metadata={})}. Trainers compute {@code sshs_legacy_hash} over that form.
   *
   * @throws athanor.error.AthanorException as {@link #inOrder}
   */
  public static SafetensorsLayout sortedWithMetadata(
      List<TensorInfo> tensors, Map<String, String> metadata) {
    return new SafetensorsLayout(inReferenceOrder(tensors), metadata, true);
  }

  private static List<TensorInfo> inReferenceOrder(List<TensorInfo> tensors) {
    var sorted = new ArrayList<>(tensors);
    sorted.sort(REFERENCE_ORDER);
    return sorted;
  }

  private static void refuseUnwritableKeys(List<TensorInfo> tensors) {
    Set<String> seen = HashSet.newHashSet(tensors.size());
    for (TensorInfo tensor : tensors) {
      if (!seen.add(tensor.key())) {
        throw Problem.badFile("two tensors have the same key")
            .at(SafetensorsHeader.shown(tensor.key()))
            .toException();
      }
      if (tensor.key().equals(HeaderParser.METADATA)) {
        throw Problem.badFile("a tensor cannot be called " + HeaderParser.METADATA)
            .help("the safetensors format keeps that name for itself")
            .toException();
      }
    }
  }

  private static long byteSize(TensorInfo tensor) {
    try {
      return tensor.byteSize();
    } catch (ArithmeticException e) {
      throw Problem.badFile("the tensor cannot be stored")
          .at(SafetensorsHeader.shown(tensor.key()))
          .found(tensor.dtype() + " " + tensor.shape())
          .expected("a whole number of bytes below 2^63")
          .toException(e);
    }
  }

  private static byte[] frame(byte[] header) {
    return ByteBuffer.allocate(8 + header.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }

  @Override
  public List<TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public long position(int index) {
    return positions[index];
  }

  @Override
  public long size() {
    return size;
  }

  /** Position of the first value: 8 + N. */
  public long dataStart() {
    return frame.length;
  }

  /**
   * A copy of the length field and the header: the first {@link #dataStart()} bytes of the file.
   */
  public byte[] frame() {
    return frame.clone();
  }

  /** False: the format has no checksums. */
  @Override
  public boolean needsChecksums() {
    return false;
  }

  @Override
  public void writeFrame(OutputFile output, int[] crc32) {
    output.write(0, MemorySegment.ofArray(frame));
  }
}
