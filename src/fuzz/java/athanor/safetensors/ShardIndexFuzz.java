package athanor.safetensors;

import athanor.testkit.Mutation;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes are either read as the index of a model in several files, or refused. */
class ShardIndexFuzz {

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "30s")
  void isReadOrRefused(byte[] bytes) {
    Mutation.accept(bytes, SafetensorsMutationTest::readIndex);
  }

  static List<byte[]> seeds() {
    return HostileSafetensors.indexSeeds();
  }
}
