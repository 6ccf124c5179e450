package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Gen;
import athanor.testkit.JavaProcess;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeStorage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Downloads in processes of their own that are killed at any moment, and several at once. {@code
 * -Dkills=N} says how often.
 */
@Timeout(300)
class KilledDownloadTest {
  private static final int KILLS = Integer.getInteger("kills", 5);
  private static final int SIZE = 6_000_011;
  private static final int PIECE = 64 << 10;

  @TempDir Path folder;
  private final FakeStorage storage = new FakeStorage();
  private final Blob blob = Blob.of(Gen.fixed(7).bytes(SIZE));
  private final AtomicLong sent = new AtomicLong();

  /** What runs and is killed: one download. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] arguments) {
      var wanted =
          new Download.Wanted(
              "file@1",
              "file.bin",
              OptionalLong.of(SIZE),
              Optional.of(arguments[1]),
              Path.of(arguments[2]));
      var checkpoint = Duration.ofMillis(Long.parseLong(arguments[3]));
      try (Http http = Http.open(Downloads.impatient(2, 4, checkpoint, System.out::println))) {
        Download.Arrived arrived =
            Download.run(
                http,
                Downloads.at(() -> URI.create(arguments[0])),
                wanted,
                Download.FinalCheck.NONE,
                Progress.NONE,
                new Cancellation());
        System.out.println("transferred=" + arrived.transferred());
      }
      System.exit(0);
    }
  }

  @BeforeEach
  void serveSlowly() {
    storage.put(blob);
    storage.fail(
        10_000,
        (exchange, content, from, to, ranged) -> {
          exchange
              .getResponseHeaders()
              .set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + content.size());
          exchange.sendResponseHeaders(ranged ? 206 : 200, to - from);
          for (long at = from; at < to; at += PIECE) {
            long end = Math.min(to, at + PIECE);
            content.write(exchange.getResponseBody(), at, end);
            exchange.getResponseBody().flush();
            sent.addAndGet(end - at);
            LockSupport.parkNanos(Duration.ofMillis(8).toNanos());
          }
          return true;
        });
  }

  @AfterEach
  void stop() {
    storage.close();
  }

  private Path target() {
    return folder.resolve("file.bin");
  }

  private Process start() throws IOException {
    return start(30);
  }

  private Process start(long checkpointMillis) throws IOException {
    return JavaProcess.start(
        JavaProcess.command(
            Victim.class,
            storage.sign(blob).toString(),
            blob.sha256(),
            target().toString(),
            Long.toString(checkpointMillis)));
  }

  /** The bytes that the state beside the part vouches for. */
  private List<ReceivedBytes.Span> durable() throws IOException {
    Path part = folder.resolve("file.bin.athanor-part");
    Path state = folder.resolve("file.bin.athanor-part.json");
    return Files.exists(state)
        ? PartState.parse(Files.readAllBytes(state), Files.size(part)).orElseThrow().spans()
        : List.of();
  }

  @Test
  void goesOnAfterEveryKillAndFetchesNothingDurableAgain() throws Exception {
    Gen gen = Gen.seeded("killed download");
    int midway = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      long before = sent.get();
      int requests = storage.log().size();
      List<ReceivedBytes.Span> spans = durable();
      Process victim = start();
      while (victim.isAlive() && sent.get() == before) {
        victim.waitFor(1, TimeUnit.MILLISECONDS);
      }
      victim.waitFor(gen.between(0, 200), TimeUnit.MILLISECONDS);
      victim.destroyForcibly().waitFor();
      midway += Files.exists(target()) ? 0 : 1;
      assertNoneAskedForAgain(spans, requests);
    }
    List<ReceivedBytes.Span> spans = durable();
    int requests = storage.log().size();
    CommandLineRun last = JavaProcess.end(start());
    System.out.println(KILLS + " kills, " + midway + " midway; " + sent + " bytes of " + SIZE);

    assertThat(last.code()).as(last.out()).isZero();
    assertThat(midway).isPositive();
    assertNoneAskedForAgain(spans, requests);
    assertArrived();
  }

  @Test
  void keepsEverythingThatArrivedWhenASignalEndsIt() throws Exception {
    Process victim = start(1_000_000);
    while (victim.isAlive() && sent.get() < 1_000_000) {
      victim.waitFor(1, TimeUnit.MILLISECONDS);
    }
    victim.destroy();
    assertThat(victim.waitFor()).isEqualTo(143);
    long kept = durable().stream().mapToLong(span -> span.end() - span.start()).sum();
    assertThat(kept).isBetween(200_000L, sent.get());
    assertThat(JavaProcess.end(start()).code()).isZero();
    assertArrived();
  }

  private void assertNoneAskedForAgain(List<ReceivedBytes.Span> durable, int from) {
    for (var seen : storage.log().subList(from, storage.log().size())) {
      String range = seen.head().replaceAll("(?s).*Range: \\[bytes=(\\d+)-.*", "$1");
      long first = Long.parseLong(range);
      assertThat(durable).as(range).noneMatch(span -> span.start() <= first && first < span.end());
    }
  }

  private void assertArrived() throws IOException {
    assertThat(FileHash.sha256(target(), Progress.NONE, new Cancellation()))
        .isEqualTo(blob.sha256());
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(target());
    }
  }

  @Test
  void severalProcessesWithOneTargetDownloadItOnce() throws Exception {
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(start());
    }
    long transferred = 0;
    for (Process process : processes) {
      CommandLineRun run = JavaProcess.end(process);
      assertThat(run.code()).as(run.out()).isZero();
      transferred += Long.parseLong(run.out().strip().replaceAll("(?s).*transferred=", ""));
    }
    assertThat(transferred).isEqualTo(SIZE);
    assertThat(sent).hasValue(SIZE);
    assertArrived();
  }

  @Test
  void anotherProcessTakesOverWhenTheFirstIsKilled() throws Exception {
    Process first = start();
    while (first.isAlive() && sent.get() == 0) {
      first.waitFor(1, TimeUnit.MILLISECONDS);
    }
    Process second = start();
    first.waitFor(400, TimeUnit.MILLISECONDS);
    first.destroyForcibly().waitFor();
    CommandLineRun run = JavaProcess.end(second);
    assertThat(run.code()).as(run.out()).isZero();
    assertArrived();
  }
}
