package athanor.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.file.FileRange;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every {@link StateDict} promises. A subclass writes a small file and says what is in it. */
public abstract class StateDictContract {
  @TempDir protected Path folder;

  /** Writes the file or files into {@link #folder}. */
  protected abstract Path write() throws IOException;

  /** Opens what {@link #write} wrote. */
  protected abstract StateDict open(Path path);

  /** Its tensors in the order of the file, each with its packed little-endian values. */
  protected abstract Map<TensorInfo, byte[]> expected();

  /** The file that ends with the values of the last tensor. */
  protected Path lastFile(Path written) throws IOException {
    return written;
  }

  @Test
  void listsItsTensorsInTheOrderOfTheFileAndFindsEachByItsKey() throws IOException {
    try (StateDict opened = open(write())) {
      assertThat(opened.tensors()).containsExactlyElementsOf(expected().keySet());
      for (TensorInfo tensor : opened.tensors()) {
        assertThat(opened.find(tensor.key())).contains(tensor);
        assertThat(opened.find(tensor.key() + ".")).isEmpty();
      }
      assertThat(opened.find("")).isEmpty();
    }
  }

  @Test
  void readsEveryPieceOfATensorIntoTheHeapAndOutsideOfIt() throws IOException {
    try (StateDict opened = open(write());
        Arena arena = Arena.ofConfined()) {
      for (var entry : expected().entrySet()) {
        byte[] all = entry.getValue();
        for (int from = 0; from <= all.length; from++) {
          for (int length = 0; length <= all.length - from; length++) {
            byte[] right = Arrays.copyOfRange(all, from, from + length);
            byte[] heap = new byte[length];
            opened.read(entry.getKey(), from, MemorySegment.ofArray(heap));
            assertThat(heap).isEqualTo(right);
            MemorySegment outside = arena.allocate(Math.max(1, length)).asSlice(0, length);
            opened.read(entry.getKey(), from, outside);
            assertThat(outside.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(right);
          }
        }
      }
    }
  }

  @Test
  void pointsToTheValuesInItsFilesWhereTheyLieInOnePiece() throws IOException {
    Path path = write();
    try (StateDict opened = open(path)) {
      var own = new HashSet<>(opened.files());
      for (var entry : expected().entrySet()) {
        var range = opened.range(entry.getKey());
        if (range.isPresent()) {
          assertThat(own).contains(range.get().file());
          assertThat(bytes(range.get())).isEqualTo(entry.getValue());
        }
      }
      assertThat(opened.files().getFirst().path()).isEqualTo(path);
      assertThat(opened.isHere()).isTrue();
    }
  }

  @Test
  void givesSeveralThreadsTheSameValues() throws Exception {
    try (StateDict opened = open(write());
        var threads = Executors.newFixedThreadPool(4)) {
      var readings = new ArrayList<Future<byte[]>>();
      var right = new ArrayList<byte[]>();
      for (int round = 0; round < 50; round++) {
        for (var entry : expected().entrySet()) {
          right.add(entry.getValue());
          readings.add(
              threads.submit(() -> {
                byte[] values = new byte[entry.getValue().length];
                opened.read(entry.getKey(), 0, MemorySegment.ofArray(values));
                return values;
              }));
        }
      }
      for (int i = 0; i < right.size(); i++) {
        assertThat(readings.get(i).get()).isEqualTo(right.get(i));
      }
    }
  }

  @Test
  void saysThatAFileHasBecomeShorterInsteadOfInventingValues() throws IOException {
    Path path = write();
    TensorInfo last = List.copyOf(expected().keySet()).getLast();
    try (StateDict opened = open(path)) {
      FileRange range = opened.range(last).orElseThrow();
      try (var file = FileChannel.open(lastFile(path), StandardOpenOption.WRITE)) {
        file.truncate(range.position() + range.length() - 1);
      }
      byte[] values = new byte[(int) last.byteSize()];
      AthanorException failure =
          catchThrowableOfType(
              AthanorException.class, () -> opened.read(last, 0, MemorySegment.ofArray(values)));
      assertThat(failure.problem().kind()).isEqualTo(Kind.BAD_FILE);
    }
  }

  @Test
  void doesNotReadBehindTheEndOfATensor() throws IOException {
    try (StateDict opened = open(write())) {
      TensorInfo first = opened.tensors().getFirst();
      byte[] oneMore = new byte[(int) first.byteSize() + 1];
      assertThatThrownBy(() -> opened.read(first, 0, MemorySegment.ofArray(oneMore)))
          .isInstanceOf(RuntimeException.class);
      assertThatThrownBy(() -> opened.read(first, -1, MemorySegment.ofArray(new byte[1])))
          .isInstanceOf(RuntimeException.class);
    }
  }

  private static byte[] bytes(FileRange range) throws IOException {
    var bytes = ByteBuffer.allocate((int) range.length());
    try (var file = Files.newByteChannel(range.file().path())) {
      file.position(range.position());
      while (bytes.hasRemaining() && file.read(bytes) >= 0) {}
    }
    assertThat(bytes.hasRemaining()).isFalse();
    return bytes.array();
  }
}
