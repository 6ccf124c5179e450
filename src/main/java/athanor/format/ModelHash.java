package athanor.format;

import athanor.file.Sha256;
import athanor.safetensors.InMemoryTensor;
import athanor.safetensors.SafetensorsLayout;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The hashes that LoRA trainers store in the metadata of their files (kohya sd-scripts, {@code
 * precalculate_safetensors_hashes}). Both are of the tensors' serialisation in the reference order,
 * whatever the order in this file; see {@link SafetensorsLayout#sorted}.
 *
 * @param model {@code sshs_model_hash}: SHA-256 of all values, 64 lower-case hex digits
 * @param legacy {@code sshs_legacy_hash}: the first 8 digits of the SHA-256 of the bytes [0x100000,
 *     0x110000) of the serialisation whose metadata are the {@code ss_*} entries only
 */
public record ModelHash(String model, String legacy) {
  private static final long LEGACY_BEGIN = 0x100000;
  private static final long LEGACY_END = 0x110000;
  private static final int BLOCK = 1 << 20;

  /** Where the values of tensors come from. */
  public interface Values {
    /**
     * Copies packed bytes of a tensor's values.
     *
     * @param offset first byte
     * @param target filled completely
     */
    void read(TensorInfo tensor, long offset, MemorySegment target);
  }

  /**
   * The hashes of tensors in memory, as for a LoRA about to be written.
   *
   * @param metadata of the file; entries that do not begin with {@code ss_} are left out
   * @throws athanor.error.AthanorException as {@link SafetensorsLayout#sorted}
   */
  public static ModelHash of(List<InMemoryTensor> tensors, Map<String, String> metadata) {
    var byKey = HashMap.<String, MemorySegment>newHashMap(tensors.size());
    tensors.forEach(tensor -> byKey.put(tensor.info().key(), tensor.values()));
    return compute(
        tensors.stream().map(InMemoryTensor::info).toList(),
        metadata,
        (tensor, offset, target) ->
            target.copyFrom(
                Objects.requireNonNull(byKey.get(tensor.key()))
                    .asSlice(offset, target.byteSize())));
  }

  /**
   * The hashes of an open state dict with its own metadata.
   *
   * @throws athanor.error.AthanorException as {@link SafetensorsLayout#sorted}, or if it cannot be
   *     read
   */
  public static ModelHash of(StateDict tensors) {
    return compute(tensors.tensors(), tensors.metadata(), tensors::read);
  }

  /**
   * The hashes of tensors that are read when it is their turn, in the order of {@link
   * SafetensorsLayout#sorted}, so that a file can be hashed while it is being written.
   *
   * @param metadata of the file; entries that do not begin with {@code ss_} are left out
   * @param values called for each tensor in that order, from this thread
   * @throws athanor.error.AthanorException as {@link SafetensorsLayout#sorted}, or of {@code
   *     values}
   */
  public static ModelHash of(
      List<TensorInfo> tensors, Map<String, String> metadata, Values values) {
    return compute(tensors, metadata, values);
  }

  private static ModelHash compute(
      List<TensorInfo> tensors, Map<String, String> metadata, Values values) {
    var trained = new HashMap<>(metadata);
    trained.keySet().removeIf(key -> !key.startsWith("ss_"));
    var layout = SafetensorsLayout.sortedWithMetadata(tensors, trained);
    MessageDigest model = Sha256.create();
    MessageDigest legacy = Sha256.create();
    byte[] frame = layout.frame();
    Sha256.updateRange(legacy, frame, frame.length, 0, LEGACY_BEGIN, LEGACY_END);
    byte[] block = new byte[BLOCK];
    for (int i = 0; i < layout.tensors().size(); i++) {
      TensorInfo tensor = layout.tensors().get(i);
      long size = tensor.byteSize();
      for (long at = 0; at < size; at += BLOCK) {
        int length = (int) Math.min(BLOCK, size - at);
        values.read(tensor, at, MemorySegment.ofArray(block).asSlice(0, length));
        model.update(block, 0, length);
        long position = layout.position(i) + at;
        Sha256.updateRange(legacy, block, length, position, LEGACY_BEGIN, LEGACY_END);
      }
    }
    return new ModelHash(Sha256.hex(model), Sha256.hex(legacy).substring(0, 8));
  }
}
