package athanor.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.testkit.Gen;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFileTest {
  private static final MemorySegment HELLO = bytes("hello");

  @TempDir Path folder;

  @Test
  void appearsUnderItsNameOnlyWhenPublished() throws IOException {
    Path path = folder.resolve("out");
    try (OutputFile output = OutputTarget.of(path, false).open()) {
      output.write(0, HELLO);
      assertThat(path).doesNotExist();
      output.seal(5);
      assertThat(path).doesNotExist();
      assertThat(output.temporaryPath()).hasContent("hello");
      output.publish();
      assertThat(path).hasContent("hello");
    }
    assertThat(names()).containsExactly("out");
  }

  @Test
  void closingWithoutPublishingLeavesNothing() throws IOException {
    try (OutputFile output = OutputTarget.of(folder.resolve("out"), false).open()) {
      output.write(0, HELLO);
      assertThat(names()).hasSize(1);
    }
    assertThat(names()).isEmpty();
  }

  @Test
  void closingWithoutPublishingKeepsTheOldFile() throws IOException {
    Path path = Files.writeString(folder.resolve("out"), "old");
    try (OutputFile output = OutputTarget.of(path, true).open()) {
      output.write(0, HELLO);
      output.seal(5);
    }
    assertThat(path).hasContent("old");
    assertThat(names()).containsExactly("out");
  }

  @Test
  void replacesAFileAndKeepsItsMode() throws IOException {
    Path path = Files.writeString(folder.resolve("out"), "old content");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r-----"));
    publish(path, true);
    assertThat(path).hasContent("hello");
    assertThat(Files.getPosixFilePermissions(path))
        .isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
  }

  @Test
  void newFilesHaveTheModeOfOrdinaryFiles() throws IOException {
    publish(folder.resolve("out"), false);
    Path ordinary = Files.writeString(folder.resolve("ordinary"), "x");
    assertThat(Files.getPosixFilePermissions(folder.resolve("out")))
        .isEqualTo(Files.getPosixFilePermissions(ordinary));
  }

  @Test
  void replacesTheTargetOfALinkAndKeepsTheLink() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path real = Files.writeString(elsewhere.resolve("real"), "old");
    Path second = Files.createSymbolicLink(folder.resolve("second"), Path.of("elsewhere/real"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("second"));
    publish(link, true);
    assertThat(link).isSymbolicLink();
    assertThat(second).isSymbolicLink();
    assertThat(real).hasContent("hello");
  }

  @Test
  void fillsADanglingLink() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("real"));
    publish(link, true);
    assertThat(folder.resolve("real")).hasContent("hello").isRegularFile();
    assertThat(link).isSymbolicLink();
  }

  @Test
  void neverReplacesAFileThatAppearedMeanwhile() throws IOException {
    Path path = folder.resolve("out");
    try (OutputFile output = OutputTarget.of(path, false).open()) {
      output.write(0, HELLO);
      output.seal(5);
      Files.writeString(path, "someone else's");
      AthanorException failure = catchThrowableOfType(AthanorException.class, output::publish);
      assertThat(failure.problem().kind()).isEqualTo(Kind.USAGE);
    }
    assertThat(path).hasContent("someone else's");
    assertThat(names()).containsExactly("out");
  }

  @Test
  void takesANameOf255Bytes() throws IOException {
    String ascii = "n".repeat(255);
    String wide = "😀".repeat(63) + "abc";
    assertThat(wide.getBytes(StandardCharsets.UTF_8)).hasSize(255);
    for (String name : List.of(ascii, wide)) {
      publish(folder.resolve(name), false);
      assertThat(folder.resolve(name)).hasContent("hello");
      Files.delete(folder.resolve(name));
    }
  }

  @Test
  void writesAndCopiesAtAnyPositionFromSeveralThreads() throws Exception {
    byte[] content = Gen.fixed(3).bytes(3_000_017);
    Path source = Files.write(folder.resolve("source"), content);
    Path path = folder.resolve("out");
    try (InputFile input = InputFile.open(source);
        OutputFile output = OutputTarget.of(path, false).open()) {
      var workers = new ArrayList<Thread>();
      int piece = 100_003;
      for (int at = 0; at < content.length; at += piece) {
        int begin = at;
        int length = Math.min(piece, content.length - begin);
        workers.add(
            Thread.ofPlatform()
                .start(() -> {
                  if (begin / piece % 3 == 0) {
                    output.copy(new FileRange(input, begin, length), begin);
                  } else {
                    byte[] bytes = input.readBytes(begin, length);
                    output.write(begin, MemorySegment.ofArray(bytes));
                  }
                }));
      }
      for (Thread worker : workers) {
        worker.join();
      }
      output.flush();
      output.finish(content.length);
    }
    assertThat(Files.readAllBytes(path)).isEqualTo(content);
  }

  @Test
  void writesNativeMemoryAndReadsItBack() throws IOException {
    Path path = folder.resolve("out");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(5_000_000).fill((byte) 7);
      try (OutputFile output = OutputTarget.of(path, false).open()) {
        output.write(0, values);
        output.finish(values.byteSize());
      }
      try (InputFile input = InputFile.open(path)) {
        MemorySegment read = arena.allocate(5_000_000);
        input.read(0, read);
        assertThat(read.mismatch(values)).isEqualTo(-1);
        MemorySegment array = MemorySegment.ofArray(new byte[5_000_000]);
        input.read(0, array);
        assertThat(array.mismatch(values)).isEqualTo(-1);
      }
    }
  }

  @Test
  void refusesToSealAFileOfTheWrongSize() throws IOException {
    try (OutputFile output = OutputTarget.of(folder.resolve("out"), false).open()) {
      output.write(0, HELLO);
      AthanorException failure = catchThrowableOfType(AthanorException.class, () -> output.seal(6));
      assertThat(failure.problem().kind()).isEqualTo(Kind.VERIFICATION);
      assertThatIllegalStateException().isThrownBy(output::publish);
    }
    assertThat(names()).isEmpty();
  }

  @Test
  void noticesASourceThatEndsEarly() throws IOException {
    Path source = Files.write(folder.resolve("source"), new byte[100]);
    try (InputFile input = InputFile.open(source);
        OutputFile output = OutputTarget.of(folder.resolve("out"), false).open()) {
      Files.write(source, new byte[50]);
      assertThatThrownBy(() -> output.copy(new FileRange(input, 0, 100), 0))
          .isInstanceOf(AthanorException.class)
          .hasMessageContaining("changed while it was read")
          .hasMessageContaining("byte 50");
    }
  }

  @Test
  void anInterruptedWriterIsCancelledAndLeavesNothing() throws Exception {
    var failure = new Throwable[1];
    OutputFile output = OutputTarget.of(folder.resolve("out"), false).open();
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              Thread.currentThread().interrupt();
              try (output) {
                output.write(0, HELLO);
              } catch (AthanorException e) {
                failure[0] = e;
              }
            });
    writer.join();
    assertThat(failure[0]).isInstanceOf(AthanorException.class);
    assertThat(((AthanorException) failure[0]).problem().kind()).isEqualTo(Kind.CANCELLED);
    assertThat(names()).isEmpty();
  }

  @Test
  void aWriterWhoseOutputIsDiscardedIsCancelled() throws IOException {
    Path source = Files.write(folder.resolve("source"), new byte[100]);
    OutputFile output = OutputTarget.of(folder.resolve("out"), false).open();
    output.close();
    try (InputFile input = InputFile.open(source)) {
      List<Runnable> uses =
          List.of(
              () -> output.write(0, HELLO),
              () -> output.write(0, ByteBuffer.allocate(1)),
              () -> output.copy(new FileRange(input, 0, 100), 0),
              output::flush,
              () -> output.seal(5),
              output::publish);
      for (Runnable use : uses) {
        AthanorException failure = catchThrowableOfType(AthanorException.class, use::run);
        assertThat(failure.problem().kind()).isEqualTo(Kind.CANCELLED);
      }
    }
    assertThat(names()).containsExactly("source");
  }

  @Test
  void removesTheTemporaryFileOfADeadProcess() throws Exception {
    Path abandoned = temporary("out", deadProcess());
    publish(folder.resolve("out"), false);
    assertThat(abandoned).doesNotExist();
    assertThat(names()).containsExactly("out");
  }

  @Test
  void removesATemporaryFileThatAnEarlierProcessWithOurIdLeft() throws IOException {
    Path abandoned = temporary("out", ProcessHandle.current().pid());
    publish(folder.resolve("out"), false);
    assertThat(abandoned).doesNotExist();
  }

  @Test
  void keepsTemporaryFilesOfTheLivingAndOfOthers() throws Exception {
    long dead = deadProcess();
    Path living = temporary("out", ProcessHandle.current().parent().orElseThrow().pid());
    Path otherOutput = temporary("out2", dead);
    Path otherPattern = Files.writeString(folder.resolve(".out." + dead + "-xyz.partial"), "x");
    Path plain = Files.writeString(folder.resolve("out." + dead + "-0123abcd.partial"), "x");
    Path subfolder = Files.createDirectory(folder.resolve(".out." + dead + "-0123abce.partial"));
    publish(folder.resolve("out"), false);
    assertThat(List.of(living, otherOutput, otherPattern, plain, subfolder))
        .allSatisfy(path -> assertThat(path).exists());
  }

  @Test
  void twoOutputsOfOneNameDoNotDisturbEachOther() throws IOException {
    Path path = folder.resolve("out");
    try (OutputFile first = OutputTarget.of(path, true).open();
        OutputFile second = OutputTarget.of(path, true).open()) {
      first.write(0, HELLO);
      second.write(0, bytes("other"));
      first.finish(5);
      assertThat(path).hasContent("hello");
      second.finish(5);
      assertThat(path).hasContent("other");
    }
    assertThat(names()).containsExactly("out");
  }

  @Test
  void keepsTheLockOfALivingWriterAfterItCopied() throws Exception {
    Path source = Files.write(folder.resolve("source"), new byte[100]);
    Path path = folder.resolve("out");
    try (InputFile input = InputFile.open(source);
        OutputFile output = OutputTarget.of(path, true).open()) {
      output.copy(new FileRange(input, 0, 100), 0);
      assertThat(inOtherProcess("lock", output.temporaryPath())).isEqualTo("locked");
    }
  }

  @Test
  void aTerminatedProcessLeavesNothing() throws Exception {
    Path path = folder.resolve("out");
    assertThat(inOtherProcess("terminate", path)).isEmpty();
    assertThat(names()).isEmpty();
  }

  @Test
  void aKilledProcessLeavesATemporaryFileThatTheNextRunRemoves() throws Exception {
    Path path = folder.resolve("out");
    assertThat(inOtherProcess("halt", path)).isEmpty();
    assertThat(names()).singleElement().asString().startsWith(".out.").endsWith(".partial");
    publish(path, false);
    assertThat(names()).containsExactly("out");
  }

  /** What a process of its own prints that runs {@link OtherProcess} with these arguments. */
  private static String inOtherProcess(String command, Path path) throws Exception {
    String classPath =
        Stream.of(OutputFile.class, OutputFileTest.class, TempDir.class, Gen.class)
            .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
            .map(url -> Path.of(URI.create(url.toString())).toString())
            .distinct()
            .collect(Collectors.joining(File.pathSeparator));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-cp",
                classPath,
                OtherProcess.class.getName(),
                command,
                path.toString())
            .redirectErrorStream(true)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return text.strip();
  }

  private static long deadProcess() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    return process.pid();
  }

  private Path temporary(String output, long pid) throws IOException {
    return Files.writeString(
        folder.resolve("." + output + "." + pid + "-0123abcd.partial"),
        "half",
        StandardOpenOption.CREATE_NEW);
  }

  private static void publish(Path path, boolean replace) {
    try (OutputFile output = OutputTarget.of(path, replace).open()) {
      output.write(0, HELLO);
      output.finish(5);
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private static MemorySegment bytes(String text) {
    return MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8));
  }
}
