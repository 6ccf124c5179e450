package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.testkit.Gen;
import athanor.testkit.web.Blob;
import athanor.testkit.web.RawServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Answers that no server library would send, byte by byte. */
@Timeout(60)
class OddServersTest {
  private static final int SIZE = 700_001;
  private static final byte[] CONTENT = Gen.fixed(7).bytes(SIZE);

  @TempDir Path folder;
  private final List<String> notices = new CopyOnWriteArrayList<>();
  private final Http http = Http.open(Downloads.impatient(1, 4, notices::add));

  @AfterEach
  void stop() {
    http.close();
  }

  private Download.Arrived run(RawServer server, boolean listed) {
    var wanted =
        new Download.Wanted(
            "file@1",
            "file.bin",
            listed ? OptionalLong.of(SIZE) : OptionalLong.empty(),
            listed ? Optional.of(Blob.of(CONTENT).sha256()) : Optional.empty(),
            folder.resolve("file.bin"));
    return Download.run(
        http,
        Downloads.at(server::address),
        wanted,
        Download.FinalCheck.NONE,
        Progress.NONE,
        new Cancellation());
  }

  private void assertArrives(boolean listed, Function<String, byte[]> answer) throws IOException {
    try (var server = new RawServer(answer)) {
      assertThat(run(server, listed).size()).isEqualTo(SIZE);
      assertThat(folder.resolve("file.bin")).hasBinaryContent(CONTENT);
    }
  }

  private Problem refusal(boolean listed, Function<String, byte[]> answer) throws IOException {
    try (var server = new RawServer(answer);
        Stream<Path> files = Files.list(folder)) {
      Problem problem =
          catchThrowableOfType(AthanorException.class, () -> run(server, listed)).problem();
      assertThat(problem.kind()).isEqualTo(Kind.NETWORK);
      assertThat(server.log()).hasSizeLessThan(20);
      assertThat(files.map(file -> "" + file.getFileName())).doesNotContain("file.bin");
      return problem;
    }
  }

  private static byte[] from(int start) {
    return Arrays.copyOfRange(CONTENT, start, SIZE);
  }

  @Test
  void takesAnAnswerWithoutLengthThatEndsWithTheConnection() throws IOException {
    assertArrives(true, head -> RawServer.answer("HTTP/1.1 200 OK|Connection: close", CONTENT));
    Files.delete(folder.resolve("file.bin"));
    assertArrives(false, head -> RawServer.answer("HTTP/1.1 200 OK|Connection: close", CONTENT));
  }

  @Test
  void noticesThatAnAnswerWithoutLengthEndedTooEarly() throws IOException {
    byte[] half = Arrays.copyOf(CONTENT, SIZE / 2);
    Problem problem =
        refusal(true, head -> RawServer.answer("HTTP/1.1 200 OK|Connection: close", half));
    assertThat(problem.line()).containsAnyOf("was cut", "changing its answer");
  }

  @Test
  void understandsHttpOnePointNought() throws IOException {
    assertArrives(true, head -> RawServer.answer("HTTP/1.0 200 OK", CONTENT));
    Files.delete(folder.resolve("file.bin"));
    assertArrives(
        false, head -> RawServer.answer("HTTP/1.0 200 OK|Content-Length: " + SIZE, CONTENT));
  }

  @Test
  void ignoresBytesBehindTheAnnouncedEnd() throws IOException {
    byte[] more = Arrays.copyOf(CONTENT, SIZE + 100);
    assertArrives(true, head -> RawServer.answer("HTTP/1.1 200 OK|Content-Length: " + SIZE, more));
  }

  @Test
  void understandsHeadersThatAreSentTwice() throws IOException {
    String range = "|Content-Range: bytes 0-" + (SIZE - 1) + "/" + SIZE;
    assertArrives(
        true,
        head ->
            RawServer.answer(
                "HTTP/1.1 206 Partial|ETag: \"a\"|ETag: \"b\"|Content-Length: "
                    + SIZE
                    + range
                    + range,
                CONTENT));
  }

  @Test
  void refusesTwoLengthsThatDisagree() throws IOException {
    refusal(
        true,
        head -> RawServer.answer("HTTP/1.1 200 OK|Content-Length: 5|Content-Length: 9", CONTENT));
  }

  @Test
  void refusesWhatIsNoHttp() throws IOException {
    Problem problem = refusal(true, head -> "SSH-2.0-OpenSSH_9.6\r\n".getBytes());
    assertThat(problem.line()).doesNotContain("Exception");
    assertThat(problem.help()).isPresent();
  }

  @Test
  void goesOnWhereAConnectionWasCutInsideTheHead() throws IOException {
    var first = new AtomicInteger();
    assertArrives(
        true,
        head ->
            first.getAndIncrement() == 0
                ? "HTTP/1.1 200 OK\r\nConte".getBytes()
                : RawServer.answer("HTTP/1.1 200 OK|Content-Length: " + SIZE, CONTENT));
  }

  @Test
  void doesNotTrustAPartThatIsLongerThanTheFile() throws IOException {
    Files.write(folder.resolve("file.bin.athanor-part"), new byte[SIZE + 500]);
    var state =
        new PartState(
            "file@1",
            SIZE,
            Optional.of(Blob.of(CONTENT).sha256()),
            Optional.empty(),
            List.of(new ReceivedBytes.Span(0, SIZE + 500)));
    Files.write(folder.resolve("file.bin.athanor-part.json"), state.toBytes());
    assertArrives(
        true, head -> RawServer.answer("HTTP/1.1 200 OK|Content-Length: " + SIZE, from(0)));
  }

  @Test
  void cutsTheRestOfALongerPartOff() throws IOException {
    byte[] longer = Arrays.copyOf(CONTENT, SIZE + 500);
    Files.write(folder.resolve("file.bin.athanor-part"), longer);
    var state =
        new PartState(
            "file@1",
            SIZE,
            Optional.of(Blob.of(CONTENT).sha256()),
            Optional.empty(),
            List.of(new ReceivedBytes.Span(0, 500_000)));
    Files.write(folder.resolve("file.bin.athanor-part.json"), state.toBytes());
    assertArrives(
        true,
        head ->
            RawServer.answer(
                "HTTP/1.1 206 Partial|Content-Range: bytes 500000-" + (SIZE - 1) + "/" + SIZE,
                from(500_000)));
  }
}
