package athanor.merge.lora;

import athanor.file.OutputFile;
import athanor.file.OutputTarget;
import athanor.format.ModelHash;
import athanor.format.OutputFormat;
import athanor.safetensors.InMemoryTensor;
import athanor.safetensors.SafetensorsWriter;
import athanor.tensor.StateDictLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/** Writes the tensors of a computed LoRA, with both {@code sshs} hashes of their stored bytes. */
public final class LoraFile {
  private LoraFile() {}

  /**
   * Writes and publishes a file; if anything fails, nothing is left behind.
   *
   * @param target where it goes; .safetensors or .ckpt, which has no place for metadata
   * @param tensors what it holds
   * @param metadata its text metadata; stale hashes are replaced
   * @return the size of the file in bytes
   * @throws athanor.error.AthanorException of kind USAGE for another extension, of kind RESOURCES
   *     if the disk is too small or fails
   */
  public static long write(
      OutputTarget target, List<InMemoryTensor> tensors, Map<String, String> metadata) {
    return switch (OutputFormat.of(target.path())) {
      case SAFETENSORS -> SafetensorsWriter.write(target, tensors, hashed(tensors, metadata));
      case CKPT -> writeTorch(target, tensors);
    };
  }

  private static Map<String, String> hashed(
      List<InMemoryTensor> tensors, Map<String, String> metadata) {
    Map<String, String> complete = new HashMap<>(metadata);
    ModelHash hash = ModelHash.of(tensors, metadata);
    complete.put("sshs_model_hash", hash.model());
    complete.put("sshs_legacy_hash", hash.legacy());
    return complete;
  }

  private static long writeTorch(OutputTarget target, List<InMemoryTensor> tensors) {
    StateDictLayout layout =
        OutputFormat.CKPT.layout(tensors.stream().map(InMemoryTensor::info).toList(), Map.of());
    target.requireSpace(layout.size());
    int[] crc32 = new int[tensors.size()];
    try (OutputFile output = target.open()) {
      for (int i = 0; i < crc32.length; i++) {
        var crc = new CRC32();
        crc.update(tensors.get(i).values().asByteBuffer());
        crc32[i] = (int) crc.getValue();
        output.write(layout.position(i), tensors.get(i).values());
      }
      layout.writeFrame(output, crc32);
      output.finish(layout.size());
    }
    return layout.size();
  }
}
