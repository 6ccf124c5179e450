package athanor.torchfile;

import athanor.file.InputFile;
import athanor.file.OutputFile;
import athanor.file.OutputTarget;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.StateDictContract;
import athanor.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

class TorchZipContractTest extends StateDictContract {

  @Override
  protected Path write() {
    Path path = folder.resolve("m.ckpt");
    var layout = TorchLayout.stateDict(List.copyOf(expected().keySet()));
    int[] checksums = new int[expected().size()];
    try (OutputFile output = OutputTarget.of(path, false).open()) {
      int i = 0;
      for (byte[] values : expected().values()) {
        output.write(layout.position(i), MemorySegment.ofArray(values));
        var checksum = new CRC32();
        checksum.update(values);
        checksums[i++] = (int) checksum.getValue();
      }
      layout.writeFrame(output, checksums);
      output.finish(layout.size());
    }
    return path;
  }

  @Override
  protected StateDict open(Path path) {
    return TorchZipFile.open(InputFile.open(path));
  }

  @Override
  protected Map<TensorInfo, byte[]> expected() {
    var tensors = new LinkedHashMap<TensorInfo, byte[]>();
    tensors.put(new TensorInfo("none", DType.F32, Shape.of(0)), new byte[0]);
    tensors.put(new TensorInfo("half", DType.F16, Shape.of(2, 1)), new byte[] {1, 2, 3, 4});
    tensors.put(
        new TensorInfo("wide", DType.I64, Shape.of(1)), new byte[] {5, 6, 7, 8, 9, 10, 11, 12});
    return tensors;
  }
}
