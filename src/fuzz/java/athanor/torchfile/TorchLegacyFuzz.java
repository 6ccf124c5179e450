package athanor.torchfile;

import athanor.testkit.Mutation;
import athanor.testkit.OneFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes are either read as a file of the old format of PyTorch, or refused with a message. */
class TorchLegacyFuzz {
  private static final OneFile FILE = OneFile.named("fuzzed.ckpt");

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "30s")
  void isReadOrRefused(byte[] bytes) {
    Mutation.accept(
        bytes,
        content -> FILE.read(content, file -> MutationTest.readAll(TorchLegacyFile.open(file))));
  }

  static List<byte[]> seeds() {
    return List.of(TorchLegacyFileTest.honestFile());
  }
}
