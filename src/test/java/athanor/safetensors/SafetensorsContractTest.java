package athanor.safetensors;

import static athanor.safetensors.SafetensorsBytes.file;
import static athanor.safetensors.SafetensorsBytes.tensor;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.StateDictContract;
import athanor.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

class SafetensorsContractTest extends StateDictContract {

  @Override
  protected Path write() throws IOException {
    String header =
        "{\"wide\":%s,\"none\":%s,\"half\":%s}"
            .formatted(
                tensor("F16", "[3]", 8, 14),
                tensor("F32", "[2,0]", 8, 8),
                tensor("F32", "[1,2]", 0, 8));
    byte[] values = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
    return Files.write(folder.resolve("m.safetensors"), file(header, values));
  }

  @Override
  protected StateDict open(Path path) {
    return SafetensorsFile.open(path);
  }

  @Override
  protected Map<TensorInfo, byte[]> expected() {
    var tensors = new LinkedHashMap<TensorInfo, byte[]>();
    tensors.put(
        new TensorInfo("half", DType.F32, Shape.of(1, 2)), new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    tensors.put(new TensorInfo("none", DType.F32, Shape.of(2, 0)), new byte[0]);
    tensors.put(new TensorInfo("wide", DType.F16, Shape.of(3)), new byte[] {9, 10, 11, 12, 13, 14});
    return tensors;
  }
}
