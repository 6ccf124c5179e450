package athanor.torchfile;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes are either read as a file of the old format of PyTorch, or refused with a message. */
class TorchLegacyFuzz {

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "30s")
  void isReadOrRefused(byte[] bytes) {
    MutationTest.accept(bytes, content -> FuzzedFile.read(content, TorchLegacyFile::open));
  }

  static List<byte[]> seeds() {
    return List.of(TorchLegacyFileTest.honestFile());
  }
}
