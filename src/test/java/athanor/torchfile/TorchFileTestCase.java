package athanor.torchfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.tensor.TensorInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Opens files that tests built, and closes them. */
abstract class TorchFileTestCase {
  /** The storages of {@link PickleProgram#weights()}. */
  static final byte[] A = floats(1, 2);

  static final byte[] B = floats(3, 4);

  @TempDir Path folder;

  private final List<InputFile> opened = new ArrayList<>();
  private int files;

  @AfterEach
  void closeFiles() {
    opened.forEach(InputFile::close);
  }

  InputFile file(byte[] bytes) {
    try {
      Path path = Files.write(folder.resolve("model" + files++ + ".ckpt"), bytes);
      InputFile file = InputFile.open(path);
      opened.add(file);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  TorchFile open(byte[] bytes) {
    return TorchZipFile.open(file(bytes));
  }

  TorchFile open(ArchiveBuilder archive) {
    return open(archive.bytes());
  }

  /** A checkpoint with this program and the two usual storages. */
  TorchFile openProgram(byte[] pickle) {
    return open(ArchiveBuilder.checkpoint(pickle, A, B));
  }

  Problem refusal(byte[] bytes) {
    InputFile file = file(bytes);
    return problem(catchThrowable(() -> TorchZipFile.open(file)));
  }

  Problem refusal(ArchiveBuilder archive) {
    return refusal(archive.bytes());
  }

  Problem refusedProgram(byte[] pickle) {
    return refusal(ArchiveBuilder.checkpoint(pickle, A, B));
  }

  /** The program must be refused with a message that contains {@code words}. */
  void assertRefused(byte[] pickle, String words) {
    assertThat(refusedProgram(pickle).line()).contains(words);
  }

  Problem refusedLegacy(byte[] bytes) {
    InputFile file = file(bytes);
    return problem(catchThrowable(() -> TorchLegacyFile.open(file)));
  }

  static Problem problem(Throwable thrown) {
    assertThat(thrown).isInstanceOf(AthanorException.class);
    Problem problem = ((AthanorException) thrown).problem();
    assertThat(problem.kind()).isEqualTo(Kind.BAD_FILE);
    assertThat(problem.where()).isPresent();
    return problem;
  }

  /** A program whose top level is a dict with this content. */
  static byte[] dict(Consumer<PickleProgram> content) {
    return PickleProgram.begin().dict(content).stop();
  }

  static float[] read(TorchFile file, String key) {
    TensorInfo tensor = file.find(key).orElseThrow();
    byte[] bytes = readBytes(file, tensor);
    float[] values = new float[bytes.length / 4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  static byte[] readBytes(TorchFile file, TensorInfo tensor) {
    byte[] bytes = new byte[Math.toIntExact(tensor.byteSize())];
    file.read(tensor, 0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /** The usual two tensors are there, with their values. */
  static void assertUsualWeights(TorchFile file) {
    assertThat(file.tensors()).extracting(TensorInfo::key).containsExactly("a", "b");
    assertThat(read(file, "a")).containsExactly(1, 2);
    assertThat(read(file, "b")).containsExactly(3, 4);
  }

  static byte[] floats(float... values) {
    ByteBuffer bytes = ArchiveBuilder.littleEndian(4 * values.length);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  /** 0, 1, 2, … */
  static byte[] ramp(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    return floats(values);
  }
}
