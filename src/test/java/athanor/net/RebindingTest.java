package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.testkit.Gen;
import athanor.testkit.web.RawServer;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A host is on the internet at first and in the private network later. The servers here stand for
 * both; where they are is what the rules are told.
 */
@Timeout(30)
class RebindingTest {
  private static final byte[] CONTENT = Gen.fixed(3).bytes(900_001);
  private static final int HALF = 450_000;

  @TempDir Path folder;
  private final AtomicInteger lookups = new AtomicInteger();

  /** On the internet for so many looks, in the private network from then on. */
  private Http publicFor(int count) {
    var rules =
        new AddressRules(host -> {
          boolean isPublic = lookups.getAndIncrement() < count;
          return new InetAddress[] {
            InetAddress.getByName(isPublic ? "93.184.216.34" : "169.254.169.254")
          };
        });
    return Http.open(Downloads.impatient(1, 4, notice -> {}), rules);
  }

  /** As a literal that the rules look up, so that they can be told where it is. */
  private static URI address(RawServer server) {
    return URI.create("http://[::ffff:127.0.0.1]:" + server.address().getPort() + "/x");
  }

  private Problem failure(Http http, RawServer server) {
    var wanted =
        new Download.Wanted(
            "file@1",
            "file.bin",
            OptionalLong.empty(),
            Optional.empty(),
            folder.resolve("file.bin"));
    return catchThrowableOfType(
            AthanorException.class,
            () ->
                Download.run(
                    http,
                    Downloads.at(() -> address(server)),
                    wanted,
                    Download.FinalCheck.NONE,
                    Progress.NONE,
                    new Cancellation()))
        .problem();
  }

  private static byte[] half(String head) {
    return RawServer.answer(
        "HTTP/1.1 200 OK|ETag: \"a\"|Accept-Ranges: bytes|Content-Length: " + CONTENT.length,
        Arrays.copyOf(CONTENT, HALF));
  }

  @Test
  void aRetryDoesNotFollowANameIntoAPrivateNetwork() throws Exception {
    try (Http http = publicFor(2);
        var server = new RawServer(RebindingTest::half)) {
      Problem problem = failure(http, server);

      assertThat(problem.what()).contains("leads into a private network now");
      assertThat(server.log()).hasSize(1);
      assertThat(Files.readAllBytes(folder.resolve("file.bin.athanor-part")))
          .isEqualTo(Arrays.copyOf(CONTENT, HALF));
    }
  }

  @Test
  void bytesThatCameFromElsewhereDoNotJoinTheFile() throws Exception {
    // Looked at once before each request and once before its answer is used.
    try (Http http = publicFor(3);
        var server =
            new RawServer(head ->
                head.contains("bytes=0-")
                    ? half(head)
                    : RawServer.answer(
                        "HTTP/1.1 206 Partial|ETag: \"a\"|Content-Range: bytes %d-%d/%d"
                                .formatted(HALF, CONTENT.length - 1, CONTENT.length)
                            + "|Content-Length: "
                            + (CONTENT.length - HALF),
                        new byte[CONTENT.length - HALF]))) {
      Problem problem = failure(http, server);

      assertThat(problem.what()).contains("leads into a private network now");
      assertThat(Files.readAllBytes(folder.resolve("file.bin.athanor-part")))
          .isEqualTo(Arrays.copyOf(CONTENT, HALF));
    }
  }

  @Test
  void bytesWithoutTheValidatorOfTheFirstDoNotJoinThem() throws Exception {
    try (Http http = publicFor(1_000);
        var server =
            new RawServer(head ->
                head.contains("bytes=0-")
                    ? half(head)
                    : RawServer.answer(
                        "HTTP/1.1 206 Partial|Content-Range: bytes %d-%d/%d"
                                .formatted(HALF, CONTENT.length - 1, CONTENT.length)
                            + "|Content-Length: "
                            + (CONTENT.length - HALF),
                        new byte[CONTENT.length - HALF]))) {
      Problem problem = failure(http, server);

      assertThat(problem.what()).contains("keeps changing its answer");
      assertThat(problem.found().orElseThrow()).contains("was replaced");
      assertThat(folder).isEmptyDirectory();
    }
  }
}
