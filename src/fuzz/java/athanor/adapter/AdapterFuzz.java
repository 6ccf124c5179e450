package athanor.adapter;

import athanor.testkit.Mutation;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** Any keys and shapes are either matched with a checkpoint, or refused. */
class AdapterFuzz {

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "30s")
  void isMatchedOrRefused(byte[] bytes) {
    Mutation.accept(bytes, AdapterMutationTest::match);
  }

  static List<byte[]> seeds() {
    return AdapterMutationTest.seeds();
  }
}
