package athanor.safetensors;

import athanor.testkit.Mutation;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes are either read as a safetensors file, every byte accounted for, or refused. */
class SafetensorsFuzz {

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "30s")
  void isReadOrRefused(byte[] bytes) {
    Mutation.accept(bytes, SafetensorsMutationTest::read);
  }

  static List<byte[]> seeds() {
    return HostileSafetensors.seeds();
  }
}
