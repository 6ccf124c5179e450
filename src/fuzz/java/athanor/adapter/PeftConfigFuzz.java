package athanor.adapter;

import athanor.testkit.Mutation;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** Any text is either read as the configuration of a LoRA, or refused. */
class PeftConfigFuzz {

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "30s")
  void isReadOrRefused(byte[] bytes) {
    Mutation.accept(bytes, AdapterMutationTest::readConfig);
  }

  static List<byte[]> seeds() {
    return AdapterMutationTest.configSeeds();
  }
}
