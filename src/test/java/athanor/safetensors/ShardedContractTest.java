package athanor.safetensors;

import static athanor.safetensors.SafetensorsBytes.file;
import static athanor.safetensors.SafetensorsBytes.one;
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

class ShardedContractTest extends StateDictContract {
  private static final String FIRST = "m-00001-of-00002.safetensors";
  private static final String SECOND = "m-00002-of-00002.safetensors";

  @Override
  protected Path write() throws IOException {
    Files.write(
        folder.resolve(FIRST),
        file(one(tensor("I64", "[1]", 0, 8)), new byte[] {1, 2, 3, 4, 5, 6, 7, 8}));
    Files.write(
        folder.resolve(SECOND),
        file("{\"b\":" + tensor("U8", "[1,3]", 0, 3) + "}", new byte[] {9, 10, 11}));
    return Files.writeString(
        folder.resolve("m.safetensors.index.json"),
        "{\"weight_map\":{\"b\":\"" + SECOND + "\",\"a\":\"" + FIRST + "\"}}");
  }

  @Override
  protected Path lastFile(Path written) {
    return folder.resolve(SECOND);
  }

  @Override
  protected StateDict open(Path path) {
    return ShardedSafetensors.open(path);
  }

  @Override
  protected Map<TensorInfo, byte[]> expected() {
    var tensors = new LinkedHashMap<TensorInfo, byte[]>();
    tensors.put(new TensorInfo("a", DType.I64, Shape.of(1)), new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    tensors.put(new TensorInfo("b", DType.U8, Shape.of(1, 3)), new byte[] {9, 10, 11});
    return tensors;
  }
}
