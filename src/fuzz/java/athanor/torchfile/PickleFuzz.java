package athanor.torchfile;

import athanor.testkit.Mutation;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes are either read as a pickle with a state dict, or refused with a message. */
class PickleFuzz {

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "30s")
  void isReadOrRefused(byte[] bytes) {
    Mutation.accept(bytes, MutationTest::runPickle);
  }

  static List<byte[]> seeds() {
    return MutationTest.pickleSeeds();
  }
}
