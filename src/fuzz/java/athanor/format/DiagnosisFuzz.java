package athanor.format;

import athanor.testkit.Mutation;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes get one line that says what they are. */
class DiagnosisFuzz {

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "30s")
  void getALine(byte[] bytes) {
    Mutation.accept(bytes, DiagnosisMutationTest::diagnose);
  }

  static List<byte[]> seeds() {
    return DiagnosisMutationTest.seeds();
  }
}
