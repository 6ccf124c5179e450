package athanor.torchfile;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes are either read as an archive of PyTorch, or refused with a message. */
class TorchZipFuzz {

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "30s")
  void isReadOrRefused(byte[] bytes) {
    MutationTest.accept(bytes, content -> FuzzedFile.read(content, TorchZipFile::open));
  }

  static List<byte[]> seeds() {
    return MutationTest.archiveSeeds();
  }
}
