package athanor.safetensors;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.file.OutputFile;
import athanor.file.OutputTarget;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Writes tensors that are in memory, as for a LoRA. */
public final class SafetensorsWriter {
  private SafetensorsWriter() {}

  /**
   * Writes a file in the reference order ({@link SafetensorsLayout#sorted}), reads its header back,
   * and publishes it. If anything fails, nothing is left behind.
   *
   * @return the size of the file in bytes
   * @throws athanor.error.AthanorException as {@link SafetensorsLayout#sorted}, {@link
   *     OutputTarget#requireSpace}, {@link OutputFile#write} and {@link OutputFile#publish}; of
   *     kind VERIFICATION if the written header is not the planned one
   */
  public static long write(
      OutputTarget target, List<InMemoryTensor> tensors, Map<String, String> metadata) {
    var layout =
        SafetensorsLayout.sorted(tensors.stream().map(InMemoryTensor::info).toList(), metadata);
    target.requireSpace(layout.size());
    try (OutputFile output = target.open()) {
      layout.writeFrame(output, new int[0]);
      writeValues(output, layout, tensors);
      output.seal(layout.size());
      verify(output, layout);
      output.publish();
    }
    return layout.size();
  }

  private static void writeValues(
      OutputFile output, SafetensorsLayout layout, List<InMemoryTensor> tensors) {
    var byKey = HashMap.<String, InMemoryTensor>newHashMap(tensors.size());
    tensors.forEach(tensor -> byKey.put(tensor.info().key(), tensor));
    for (int i = 0; i < layout.tensors().size(); i++) {
      String key = layout.tensors().get(i).key();
      InMemoryTensor tensor = Objects.requireNonNull(byKey.get(key));
      output.write(layout.position(i), tensor.values());
    }
  }

  private static void verify(OutputFile output, SafetensorsLayout layout) {
    try (SafetensorsFile written = output.readBack(SafetensorsFile::open)) {
      // Empty tensors share a position, so only the set is certain to come back, not their order.
      if (written.tensors().size() != layout.tensors().size()
          || !layout.tensors().stream()
              .allMatch(tensor -> written.find(tensor.key()).filter(tensor::equals).isPresent())) {
        throw Problem.of(Kind.VERIFICATION, "the written header is not the planned one")
            .at(output.path().toString())
            .toException();
      }
    }
  }
}
