package athanor.cli;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code extract} of a file with any keys, types and shapes ends soon, and not in a defect. */
class ExtractFuzz {
  private static final AnyFile ANY = AnyFile.create();

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "30s")
  void endsProperly(byte[] bytes) {
    ANY.extract(new String(bytes, StandardCharsets.UTF_8));
  }

  static List<byte[]> seeds() {
    return AnyFile.seeds();
  }
}
