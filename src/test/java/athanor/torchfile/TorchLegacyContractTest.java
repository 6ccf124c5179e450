package athanor.torchfile;

import athanor.file.InputFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.StateDictContract;
import athanor.tensor.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

class TorchLegacyContractTest extends StateDictContract {

  @Override
  protected Path write() throws IOException {
    return Files.write(folder.resolve("old.ckpt"), SoundTorchFiles.inOldFormat());
  }

  @Override
  protected StateDict open(Path path) {
    return TorchLegacyFile.open(InputFile.open(path));
  }

  @Override
  protected Map<TensorInfo, byte[]> expected() {
    var tensors = new LinkedHashMap<TensorInfo, byte[]>();
    tensors.put(new TensorInfo("a", DType.F32, Shape.of(2)), floats(1, 2));
    tensors.put(new TensorInfo("b", DType.F32, Shape.of(2)), floats(3, 4));
    return tensors;
  }

  private static byte[] floats(float first, float second) {
    return ByteBuffer.allocate(8)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putFloat(first)
        .putFloat(second)
        .array();
  }
}
