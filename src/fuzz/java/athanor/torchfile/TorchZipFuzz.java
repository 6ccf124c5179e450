package athanor.torchfile;

import athanor.testkit.Mutation;
import athanor.testkit.OneFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes are either read as an archive of PyTorch, or refused with a message. */
class TorchZipFuzz {
  private static final OneFile FILE = OneFile.named("fuzzed.ckpt");

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "30s")
  void isReadOrRefused(byte[] bytes) {
    Mutation.accept(
        bytes,
        content -> FILE.read(content, file -> MutationTest.readAll(TorchZipFile.open(file))));
  }

  static List<byte[]> seeds() {
    return MutationTest.archiveSeeds();
  }
}
