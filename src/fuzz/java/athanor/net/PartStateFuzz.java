package athanor.net;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes beside an unfinished download are its state, with spans inside the file, or nothing.
 */
class PartStateFuzz {
  private static final long SIZE = 1_000;

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "30s")
  void isAStateOrNothing(byte[] bytes) {
    Optional<PartState> state = PartState.parse(bytes, SIZE);
    long last = -1;
    for (ReceivedBytes.Span span : state.map(PartState::spans).orElse(List.of())) {
      if (span.start() <= last || span.end() <= span.start() || span.end() > SIZE) {
        throw new AssertionError(span);
      }
      last = span.end();
    }
  }

  static List<byte[]> seeds() {
    var state =
        new PartState(
            "file@1",
            SIZE,
            Optional.of("0".repeat(64)),
            Validator.of("\"a\""),
            List.of(new ReceivedBytes.Span(0, 10), new ReceivedBytes.Span(20, 30)));
    return List.of(state.toBytes(), "{}".getBytes(StandardCharsets.UTF_8));
  }
}
