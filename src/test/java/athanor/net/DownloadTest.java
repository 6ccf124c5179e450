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
import athanor.testkit.web.FakeStorage;
import athanor.testkit.web.Faults;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadTest {
  private static final int SIZE = 3_000_017;

  @TempDir Path folder;
  private final FakeStorage storage = new FakeStorage();
  private final byte[] content = Gen.fixed(7).bytes(SIZE);
  private final Blob blob = Blob.of(content);
  private final List<String> notices = new CopyOnWriteArrayList<>();
  private final AtomicInteger located = new AtomicInteger();
  private final Cancellation cancellation = new Cancellation();
  private Http http = open(1);

  @BeforeEach
  void store() {
    storage.put(blob);
  }

  @AfterEach
  void stop() {
    http.close();
    storage.close();
  }

  private Http open(int connections) {
    return open(connections, 4);
  }

  private Http open(int connections, int tries) {
    return Http.open(
        new HttpSettings(
            new HttpSettings.Timeouts(
                Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofMillis(300)),
            new HttpSettings.Retries(
                tries, Duration.ofMillis(5), Duration.ofMillis(20), Duration.ofSeconds(3), 1 << 20),
            new HttpSettings.Transfers(connections, 1 << 20, 256 << 10, Duration.ofMillis(30)),
            ProxySelector.of(null),
            Optional.empty(),
            notices::add));
  }

  private BodySource source() {
    return new BodySource() {
      @Override
      public Call locate(Cancellation cancellation) {
        located.incrementAndGet();
        return Call.get(storage.sign(blob));
      }

      @Override
      public Problem explain(Refusal refusal) {
        return Problem.of(Kind.NETWORK, "refused").found(refusal.shown());
      }
    };
  }

  private Download.Wanted listed() {
    return new Download.Wanted(
        "file@1", "file.bin", OptionalLong.of(SIZE), Optional.of(blob.sha256()), target());
  }

  private Download.Wanted unlisted() {
    return new Download.Wanted(
        "file@1", "file.bin", OptionalLong.empty(), Optional.empty(), target());
  }

  private Path target() {
    return folder.resolve("file.bin");
  }

  private Download.Arrived run(Download.Wanted wanted) {
    return Download.run(
        http, source(), wanted, Download.FinalCheck.NONE, Progress.NONE, cancellation);
  }

  private Problem failure(Download.Wanted wanted) {
    return catchThrowableOfType(AthanorException.class, () -> run(wanted)).problem();
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private void assertArrived(Download.Arrived arrived) throws IOException {
    assertThat(Files.readAllBytes(target())).isEqualTo(content);
    assertThat(arrived.sha256()).isEqualTo(blob.sha256());
    assertThat(arrived.size()).isEqualTo(SIZE);
    assertThat(files()).containsExactly("file.bin");
  }

  private void assertNothingLeft() throws IOException {
    assertThat(files()).isEmpty();
  }

  private void assertOnlyPartLeft() throws IOException {
    assertThat(files()).containsExactly("file.bin.athanor-part", "file.bin.athanor-part.json");
  }

  @Test
  void arrivesVerifiedOverOneConnection() throws IOException {
    Download.Arrived arrived = run(listed());

    assertArrived(arrived);
    assertThat(arrived.transferred()).isEqualTo(SIZE);
    assertThat(storage.log().size()).isEqualTo(1);
  }

  @Test
  void arrivesVerifiedOverSeveralConnections() throws IOException {
    http.close();
    http = open(4);
    // Without a pause one connection may have done it all before the others are open.
    storage.fail(
        1000,
        (exchange, blob, from, to, ranged) -> {
          LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
          return false;
        });

    assertArrived(run(listed()));

    assertThat(storage.log().size()).isGreaterThan(10);
    assertThat(storage.mostConcurrent()).isBetween(2, 4);
  }

  @Test
  void arrivesWithoutAnyListing() throws IOException {
    assertArrived(run(unlisted()));
  }

  @Test
  void fetchesAnEmptyFile() throws IOException {
    Blob empty = Blob.of(new byte[0]);
    storage.put(empty);
    BodySource source =
        new BodySource() {
          @Override
          public Call locate(Cancellation cancellation) {
            return Call.get(storage.sign(empty));
          }

          @Override
          public Problem explain(Refusal refusal) {
            return Problem.of(Kind.NETWORK, refusal.shown());
          }
        };

    Download.Arrived arrived =
        Download.run(
            http, source, unlisted(), Download.FinalCheck.NONE, Progress.NONE, cancellation);

    assertThat(arrived.size()).isZero();
    assertThat(arrived.sha256()).isEqualTo(empty.sha256());
    assertThat(files()).containsExactly("file.bin");
  }

  @Test
  void goesOnAfterACut() throws IOException {
    storage.fail(2, Faults.cutAfter(1_200_000));

    Download.Arrived arrived = run(listed());

    assertArrived(arrived);
    assertThat(arrived.transferred()).isEqualTo(SIZE);
    assertThat(notices).anyMatch(notice -> notice.contains("the connection was cut"));
  }

  @Test
  void goesOnAfterACutInsideChunks() throws IOException {
    storage.fail(1, Faults.cutChunkedAfter(1_500_000));

    assertArrived(run(listed()));
  }

  @Test
  void goesOnAfterAStall() throws IOException {
    storage.fail(1, Faults.stallAfter(1_500_000));

    assertArrived(run(listed()));

    assertThat(notices).anyMatch(notice -> notice.contains("no data from 127.0.0.1"));
  }

  @Test
  void givesUpAConnectionThatDribbles() throws IOException {
    storage.fail(1, Faults.dribble());

    assertArrived(run(listed()));
  }

  @Test
  void givesUpAfterTriesWithoutProgressAndKeepsTheBytes() throws IOException {
    storage.fail(1, Faults.cutAfter(2_000_000));
    storage.fail(9, Faults.cutAfter(0));

    Problem problem = failure(listed());

    assertThat(problem.kind()).isEqualTo(Kind.NETWORK);
    assertThat(problem.line()).contains("no answer from 127.0.0.1").contains("was cut");
    assertThat(problem.line()).doesNotContain("X-Amz");
    assertOnlyPartLeft();
  }

  @Test
  void resumesAfterARestart() throws IOException {
    storage.fail(1, Faults.cutAfter(2_000_000));
    storage.fail(3, Faults.cutAfter(0));
    failure(listed());
    storage.log().clear();

    storage.fail(0, Faults.cutAfter(0));
    Download.Arrived arrived = run(listed());

    assertArrived(arrived);
    assertThat(arrived.transferred()).isLessThan(SIZE - 1_000_000);
    assertThat(storage.log().getFirst().head()).contains("Range: [bytes=");
  }

  @Test
  void resumesAfterACancellation() throws IOException {
    var seen = new AtomicLong();
    Progress stopper =
        new Progress() {
          @Override
          public void begin(String activity, long totalBytes, int totalItems) {}

          @Override
          public void advance(long bytes, int items) {
            if (seen.addAndGet(bytes) > 1_000_000) {
              cancellation.request();
            }
          }

          @Override
          public void end() {}
        };
    storage.fail(1, Faults.stallAfter(2_000_000));
    AthanorException stopped =
        catchThrowableOfType(
            AthanorException.class,
            () ->
                Download.run(
                    http, source(), listed(), Download.FinalCheck.NONE, stopper, cancellation));
    assertThat(stopped.problem().kind()).isEqualTo(Kind.CANCELLED);
    assertOnlyPartLeft();

    Download.Arrived arrived =
        Download.run(
            http, source(), listed(), Download.FinalCheck.NONE, Progress.NONE, new Cancellation());

    assertArrived(arrived);
    assertThat(arrived.transferred()).isLessThan(SIZE - 900_000);
  }

  @Test
  void startsOverWhenThePartBelongsToAnotherFile() throws IOException {
    Files.write(folder.resolve("file.bin.athanor-part"), new byte[SIZE]);
    var other =
        new PartState(
            "file@0",
            SIZE,
            Optional.of("0".repeat(64)),
            Optional.empty(),
            List.of(new ReceivedBytes.Span(0, 2_000_000)));
    Files.write(folder.resolve("file.bin.athanor-part.json"), other.toBytes());

    Download.Arrived arrived = run(listed());

    assertArrived(arrived);
    assertThat(arrived.transferred()).isEqualTo(SIZE);
  }

  @Test
  void startsOverWhenTheStateIsDamaged() throws IOException {
    Files.write(folder.resolve("file.bin.athanor-part"), new byte[SIZE]);
    Files.writeString(folder.resolve("file.bin.athanor-part.json"), "{\"athanor-part\":\"1\",");

    assertArrived(run(listed()));
  }

  @Test
  void startsOverOnceWhenResumedBytesWereWrong() throws IOException {
    Files.write(folder.resolve("file.bin.athanor-part"), new byte[SIZE]);
    var lying =
        new PartState(
            "file@1",
            SIZE,
            Optional.of(blob.sha256()),
            Optional.empty(),
            List.of(new ReceivedBytes.Span(0, 2_000_000)));
    Files.write(folder.resolve("file.bin.athanor-part.json"), lying.toBytes());

    assertArrived(run(listed()));

    assertThat(notices).anyMatch(notice -> notice.contains("do not match their SHA-256"));
  }

  @Test
  void startsOverOnceWhenABitIsFlipped() throws IOException {
    storage.fail(1, Faults.flipBit());

    assertArrived(run(listed()));
  }

  @Test
  void refusesBytesThatNeverMatchAndLeavesNothing() throws IOException {
    storage.fail(2, Faults.flipBit());

    Problem problem = failure(listed());

    assertThat(problem.kind()).isEqualTo(Kind.NETWORK);
    assertThat(problem.what()).isEqualTo("the downloaded bytes are not those of the listing");
    assertThat(problem.expected()).contains("SHA-256 " + blob.sha256());
    assertNothingLeft();
  }

  @Test
  void startsOverWhenTheServerIgnoresTheRange() throws IOException {
    storage.fail(1, Faults.cutAfter(1_500_000));
    storage.fail(2, Faults.ignoreRange());

    assertArrived(run(listed()));

    assertThat(notices).anyMatch(notice -> notice.contains("cannot continue a download"));
  }

  @Test
  void takesACompleteAnswerToARangeFromTheBeginning() throws IOException {
    http.close();
    http = open(4);
    storage.fail(1, Faults.ignoreRange());

    assertArrived(run(listed()));

    assertThat(storage.log().size()).isEqualTo(1);
  }

  @Test
  void asksAgainWhenTheRangeBeginsElsewhere() throws IOException {
    storage.fail(1, Faults.wrongStart());

    assertArrived(run(listed()));
  }

  @Test
  void takesShorterRangesAndAsksForTheRest() throws IOException {
    storage.fail(3, Faults.shorterRange(700_001));

    assertArrived(run(listed()));
  }

  @Test
  void refusesAFileOfAnotherSizeThanListed() throws IOException {
    storage.fail(1, Faults.wrongTotal());

    Problem problem = failure(listed());

    assertThat(problem.what()).isEqualTo("the server's file is not the listed one");
    assertThat(problem.found()).contains(SIZE + 7 + " bytes");
    assertNothingLeft();
  }

  @Test
  void refusesAWrongAnnouncedLength() throws IOException {
    storage.fail(1, Faults.otherSize(SIZE - 5));

    assertThat(failure(listed()).expected()).contains(SIZE + " bytes");
    assertNothingLeft();
  }

  @Test
  void refusesMoreBytesThanListed() throws IOException {
    storage.fail(1, Faults.chunked(new byte[] {1, 2, 3}));

    assertThat(failure(listed()).what()).contains("more bytes than listed");
    assertThat(Files.exists(target())).isFalse();
  }

  @Test
  void startsOverWhenAnUnlistedFileIsReplacedMeanwhile() throws IOException {
    storage.fail(1, Faults.cutAfter(1_500_000));
    storage.fail(1, Faults.otherEtag());

    assertArrived(run(unlisted()));

    assertThat(notices).anyMatch(notice -> notice.contains("was replaced"));
  }

  @Test
  void refusesAPackedAnswer() throws IOException {
    storage.fail(1, Faults.gzip());

    assertThat(failure(listed()).what()).contains("packed form");
    assertNothingLeft();
  }

  @Test
  void renewsAnExpiredAddressAndKeepsTheBytes() throws IOException {
    storage.fail(
        1,
        (exchange, blob, from, to, ranged) -> {
          storage.expireAll();
          return Faults.cutAfter(2_000_000).fail(exchange, blob, from, to, ranged);
        });

    Download.Arrived arrived = run(listed());

    assertArrived(arrived);
    assertThat(arrived.transferred()).isEqualTo(SIZE);
    assertThat(located).hasValue(2);
  }

  @Test
  void renewsAnAddressThatHasExpiredBeforeTheFirstByte() throws IOException {
    storage.fail(
        1,
        (exchange, blob, from, to, ranged) -> {
          storage.expireAll();
          return Faults.status(403).fail(exchange, blob, from, to, ranged);
        });

    assertArrived(run(listed()));
    assertThat(located).hasValue(2);
  }

  @Test
  void explainsAnAddressThatIsRefusedForGood() throws IOException {
    storage.fail(20, Faults.status(403));

    Problem problem = failure(listed());

    assertThat(problem.line()).contains("HTTP 403 Code403, the storage says no");
    assertThat(located).hasValueLessThan(6);
    assertNothingLeft();
  }

  @Test
  void explainsA404AtOnce() throws IOException {
    storage.fail(1, Faults.status(404));

    assertThat(failure(listed()).line()).contains("HTTP 404");
    assertThat(storage.log().size()).isEqualTo(1);
    assertNothingLeft();
  }

  @Test
  void startsOverAfterA416() throws IOException {
    storage.fail(1, Faults.cutAfter(1_500_000));
    storage.fail(1, Faults.status(416));

    assertArrived(run(listed()));
  }

  @Test
  void completesWithA416AtTheEnd() throws IOException {
    Files.write(folder.resolve("file.bin.athanor-part"), content);
    var complete =
        new PartState(
            "file@1",
            -1,
            Optional.empty(),
            Optional.empty(),
            List.of(new ReceivedBytes.Span(0, SIZE)));
    Files.write(folder.resolve("file.bin.athanor-part.json"), complete.toBytes());
    var unknownSize =
        new Download.Wanted("file@1", "file.bin", OptionalLong.empty(), Optional.empty(), target());

    Download.Arrived arrived = run(unknownSize);

    assertArrived(arrived);
    assertThat(arrived.transferred()).isZero();
  }

  @Test
  void waitsAsLongAsTheServerAsks() throws IOException {
    storage.fail(1, Faults.status(429, "Retry-After: 1"));
    long start = System.nanoTime();

    assertArrived(run(listed()));

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(900));
    assertThat(notices).anyMatch(notice -> notice.contains("HTTP 429; trying again in 1 s"));
  }

  @Test
  void doesNotWaitForHours() throws IOException {
    storage.fail(1, Faults.status(429, "Retry-After: 7200"));

    assertThat(failure(listed()).help())
        .contains("the server asks to wait 120 min; run again then");
    assertNothingLeft();
  }

  @Test
  void triesAgainAfterServerErrors() throws IOException {
    storage.fail(1, Faults.status(500));
    storage.fail(1, Faults.status(503));
    storage.fail(1, Faults.status(502));

    assertArrived(run(listed()));
  }

  @Test
  void givesUpOnAServerThatStaysBroken() throws IOException {
    storage.fail(50, Faults.status(503));

    assertThat(failure(listed()).line()).contains("HTTP 503");
    assertThat(storage.log().size()).isEqualTo(4);
    assertNothingLeft();
  }

  @Test
  void fallsBackToOneConnectionWhenSeveralAreRefused() throws IOException {
    http.close();
    http = open(4);
    AtomicInteger busy = new AtomicInteger();
    storage.fail(
        200,
        (exchange, blob, from, to, ranged) -> {
          boolean second = busy.incrementAndGet() > 1;
          try {
            Thread.sleep(20);
            return second && Faults.status(503).fail(exchange, blob, from, to, ranged);
          } catch (InterruptedException e) {
            throw new IOException(e);
          } finally {
            busy.decrementAndGet();
          }
        });

    assertArrived(run(listed()));
  }

  @Test
  void survivesRandomFaults() throws IOException {
    Gen gen = Gen.seeded("survivesRandomFaults");
    http.close();
    http = open(3, 20);
    for (int i = 0; i < 8; i++) {
      storage.fail(
          1,
          gen.oneOf(
              Faults.cutAfter(gen.between(0, 300_000)),
              Faults.shorterRange(gen.between(4096, 200_000)),
              Faults.status(500),
              Faults.wrongStart()));
      storage.fail(gen.between(1, 3), (exchange, blob, from, to, ranged) -> false);
    }

    assertArrived(run(listed()));
  }

  @Test
  void refusesAWebPage() throws IOException {
    String page = "\n<!DOCTYPE html><html><head><title>Sign in</title></head></html>";
    storage.fail(1, Faults.text("text/html", page));

    Problem problem = failure(listed());

    assertThat(problem.line())
        .isEqualTo("file.bin: the server sent a web page instead of the file: found \"Sign in\"");
    assertThat(problem.help()).isPresent();
    assertNothingLeft();
  }

  @Test
  void refusesAnErrorInJson() throws IOException {
    storage.fail(1, Faults.text("application/json", "{\"error\":\"Unauthorized\"}"));

    assertThat(failure(listed()).line()).contains("error message").contains("Unauthorized");
    assertNothingLeft();
  }

  @Test
  void refusesAnErrorInXml() throws IOException {
    String error = "<?xml version=\"1.0\"?><Error><Code>ExpiredToken</Code></Error>";
    storage.fail(1, Faults.text("application/octet-stream", error));

    assertThat(failure(listed()).line()).contains("ExpiredToken");
    assertNothingLeft();
  }

  @Test
  void refusesAGitLfsPointer() throws IOException {
    String pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 6938040682\n";
    storage.fail(1, Faults.text("text/plain", pointer));

    assertThat(failure(unlisted()).line()).contains("Git LFS pointer").contains("6938040682");
    assertNothingLeft();
  }

  @Test
  void removesTheFileWhenTheFinalCheckFails() throws IOException {
    Download.FinalCheck check =
        (file, name) -> {
          throw Problem.badFile("not good").at(name).toException();
        };

    AthanorException e =
        catchThrowableOfType(
            AthanorException.class,
            () -> Download.run(http, source(), listed(), check, Progress.NONE, cancellation));

    assertThat(e.problem().what()).isEqualTo("not good");
    assertNothingLeft();
  }

  @Test
  void neverReplacesAFile() throws IOException {
    Files.writeString(target(), "mine");

    assertThat(failure(listed()).kind()).isEqualTo(Kind.USAGE);
    assertThat(target()).hasContent("mine");
    assertThat(files()).containsExactly("file.bin");
  }

  @Test
  void twoRunsForTheSameFileDownloadItOnce() throws Exception {
    List<Download.Arrived> arrived = new CopyOnWriteArrayList<>();
    List<Thread> runs = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      runs.add(Thread.ofPlatform().start(() -> arrived.add(run(listed()))));
    }
    for (Thread each : runs) {
      each.join();
    }

    assertThat(arrived).hasSize(2);
    assertThat(arrived.stream().mapToLong(Download.Arrived::transferred).sum()).isEqualTo(SIZE);
    assertThat(files()).containsExactly("file.bin");
  }

  @Test
  void tellsItsProgressExactly() {
    var total = new AtomicLong(-1);
    var sum = new AtomicLong();
    Progress counter =
        new Progress() {
          @Override
          public void begin(String activity, long totalBytes, int totalItems) {
            total.set(totalBytes);
          }

          @Override
          public void advance(long bytes, int items) {
            sum.addAndGet(bytes);
          }

          @Override
          public void end() {}
        };
    storage.fail(1, Faults.cutAfter(1_500_000));

    Download.run(http, source(), listed(), Download.FinalCheck.NONE, counter, cancellation);

    assertThat(total).hasValue(SIZE);
    assertThat(sum).hasValue(SIZE);
  }

  @Test
  void saysWhenNobodyAnswers() throws IOException {
    URI nobody = storage.sign(blob);
    storage.close();
    BodySource source =
        new BodySource() {
          @Override
          public Call locate(Cancellation cancellation) {
            return Call.get(nobody);
          }

          @Override
          public Problem explain(Refusal refusal) {
            return Problem.of(Kind.NETWORK, refusal.shown());
          }
        };

    AthanorException e =
        catchThrowableOfType(
            AthanorException.class,
            () ->
                Download.run(
                    http, source, listed(), Download.FinalCheck.NONE, Progress.NONE, cancellation));

    assertThat(e.getMessage()).contains("the connection was refused");
    assertNothingLeft();
  }
}
