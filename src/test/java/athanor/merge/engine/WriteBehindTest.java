package athanor.merge.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.file.OutputFile;
import athanor.file.OutputTarget;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class WriteBehindTest {
  private static final int PIECE = 1000;

  @TempDir private Path folder;

  private OutputFile output() {
    return OutputTarget.of(folder.resolve("out.safetensors"), false).open();
  }

  @Test
  void leavesTheBytesAsTheyWereWritten() throws Exception {
    byte[] expected = new byte[100 * PIECE];
    try (OutputFile output = output()) {
      try (var writeBehind = new WriteBehind(output, 3 * PIECE)) {
        for (int piece = 0; piece < 100; piece++) {
          byte[] bytes = new byte[PIECE];
          Arrays.fill(bytes, (byte) piece);
          System.arraycopy(bytes, 0, expected, piece * PIECE, PIECE);
          output.write((long) piece * PIECE, ByteBuffer.wrap(bytes));
          writeBehind.written(PIECE);
        }
      }
      output.finish(expected.length);
    }
    assertThat(Files.readAllBytes(folder.resolve("out.safetensors"))).isEqualTo(expected);
  }

  @Test
  void endsItsThreadWhenClosed() {
    try (OutputFile output = output()) {
      var writeBehind = new WriteBehind(output, 1);
      writeBehind.written(1);
      writeBehind.close();
      assertThat(Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList())
          .doesNotContainAnyElementsOf(List.of("write-behind"));
      writeBehind.requireHealthy();
    }
  }

  @Test
  void tellsTheNextWriterThatAFlushFailed() throws Exception {
    OutputFile output = output();
    output.close();
    try (var writeBehind = new WriteBehind(output, PIECE)) {
      writeBehind.written(PIECE);
      assertThatExceptionOfType(AthanorException.class)
          .isThrownBy(() -> {
            while (true) {
              writeBehind.written(0);
              Thread.sleep(Duration.ofMillis(5));
            }
          })
          .satisfies(e -> assertThat(e.problem().kind()).isEqualTo(Kind.CANCELLED));
    }
  }
}
