package athanor.file;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.Gen;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningHashTest {
  @TempDir Path folder;

  private record Piece(int begin, int end) {}

  @Test
  void isThatOfTheFileInWhateverOrderAndFromHoweverManyThreadsItIsWritten() throws Exception {
    Gen gen = Gen.seeded("running hash");
    for (int round = 0; round < 60; round++) {
      byte[] content = gen.bytes(gen.between(1, 3_000_000));
      List<Piece> pieces = pieces(content.length, gen);
      boolean shuffled = gen.between(0, 3) == 0;
      if (shuffled) {
        Collections.shuffle(pieces, new Random(gen.between(0, 1 << 30)));
      }
      Path path = folder.resolve("out" + round);
      try (OutputFile output = OutputTarget.of(path, false).hashed().open()) {
        writeFromThreads(gen.between(1, 5), pieces, content, output);
        output.seal(content.length);
        assertThat(output.sha256()).as("round %d", round).contains(sha256(content));
        output.publish();
      }
      assertThat(Files.readAllBytes(path)).isEqualTo(content);
    }
  }

  private static List<Piece> pieces(int length, Gen gen) {
    List<Piece> pieces = new ArrayList<>();
    int most = Math.max(2, length / 4);
    for (int at = 0; at < length; ) {
      int end = Math.min(length, at + gen.between(0, most));
      pieces.add(new Piece(at, end));
      at = end;
    }
    return pieces;
  }

  private static void writeFromThreads(
      int count, List<Piece> pieces, byte[] content, OutputFile output)
      throws InterruptedException {
    var next = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      threads.add(
          Thread.startVirtualThread(() -> {
            int index;
            while ((index = next.getAndIncrement()) < pieces.size()) {
              Piece piece = pieces.get(index);
              output.write(
                  piece.begin(),
                  MemorySegment.ofArray(content)
                      .asSlice(piece.begin(), piece.end() - piece.begin()));
            }
          }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Test
  void readsNothingBackOfAFileWrittenInOrder() throws IOException {
    byte[] content = "the quick brown fox".getBytes(StandardCharsets.US_ASCII);
    var hash =
        new RunningHash((position, target) -> {
          throw new IOException("nothing is to be read");
        });
    for (int at = 0; at < content.length; at++) {
      hash.wrote(at, MemorySegment.ofArray(content).asSlice(at, 1));
    }
    assertThat(hash.finish(content.length)).isEqualTo(sha256(content));
  }

  @Test
  void readsBackOnlyWhatCameBeforeItsTurn() throws IOException {
    byte[] content = "0123456789".getBytes(StandardCharsets.US_ASCII);
    var readBack = new ArrayList<Integer>();
    var hash =
        new RunningHash((position, target) -> {
          readBack.add(target.remaining());
          target.put(content, (int) position, target.remaining());
        });
    hash.wrote(4, MemorySegment.ofArray(content).asSlice(4, 3));
    hash.wrote(0, MemorySegment.ofArray(content).asSlice(0, 4));
    hash.wrote(7, MemorySegment.ofArray(content).asSlice(7, 3));
    assertThat(hash.finish(10)).isEqualTo(sha256(content));
    assertThat(readBack).containsExactly(3);
  }

  @Test
  void isRightAlsoWhenAPartIsWrittenTwiceOrOverlaps() throws IOException {
    for (long again : new long[] {0, 3, 5}) {
      Path path = folder.resolve("twice" + again);
      try (OutputFile output = OutputTarget.of(path, false).hashed().open()) {
        output.write(0, segment("hello"));
        output.write(8, segment("end"));
        output.write(again, segment("HELLO"));
        output.seal(11);
        output.publish();
        assertThat(output.sha256()).contains(sha256(Files.readAllBytes(path)));
      }
    }
  }

  @Test
  void isRightForAFileWithAHoleAndForAnEmptyOne() throws IOException {
    for (int size : new int[] {0, 20}) {
      Path path = folder.resolve("hole" + size);
      try (OutputFile output = OutputTarget.of(path, false).hashed().open()) {
        if (size > 0) {
          output.write(size - 3, segment("end"));
        }
        output.seal(size);
        output.publish();
        assertThat(output.sha256()).contains(sha256(Files.readAllBytes(path)));
      }
    }
  }

  @Test
  void isNotComputedUnlessAskedFor() {
    try (OutputFile output = OutputTarget.of(folder.resolve("plain"), false).open()) {
      output.write(0, segment("hello"));
      output.seal(5);
      assertThat(output.sha256()).isEmpty();
    }
  }

  private static MemorySegment segment(String text) {
    return MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }
}
