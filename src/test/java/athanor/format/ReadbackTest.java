package athanor.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.file.OutputFile;
import athanor.file.OutputTarget;
import athanor.safetensors.SafetensorsLayout;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadbackTest {
  private static final SafetensorsLayout LAYOUT =
      SafetensorsLayout.inOrder(
          List.of(new TensorInfo("a", DType.U8, Shape.of(3))), Map.of("note", "x"));

  @TempDir private Path folder;

  @Test
  void acceptsWhatWasWritten() {
    try (OutputFile output = written()) {
      output.seal(LAYOUT.size());
      Readback.verify(output, LAYOUT);
      output.publish();
    }
    assertThat(folder.resolve("out.safetensors")).exists();
  }

  @Test
  void noticesOneValueThatIsOtherThanWritten() throws IOException {
    try (OutputFile output = written()) {
      output.seal(LAYOUT.size());
      byte[] bytes = Files.readAllBytes(output.temporaryPath());
      bytes[bytes.length - 1] ^= 1;
      Files.write(output.temporaryPath(), bytes);
      AthanorException failure =
          catchThrowableOfType(AthanorException.class, () -> Readback.verify(output, LAYOUT));
      assertThat(failure.problem().kind()).isEqualTo(Kind.VERIFICATION);
      assertThat(failure.problem().line()).contains("other bytes than were written");
    }
    assertThat(folder).isEmptyDirectory();
  }

  private OutputFile written() {
    OutputFile output = OutputTarget.of(folder.resolve("out.safetensors"), false).hashed().open();
    LAYOUT.writeFrame(output, new int[0]);
    output.write(LAYOUT.position(0), MemorySegment.ofArray(new byte[] {1, 2, 3}));
    return output;
  }
}
