package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.testkit.web.FakeServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class UnknownLengthTest {
  private static final long GB = 1_000_000_000;

  @TempDir Path folder;

  private static UnknownLength.Disk disk(long size, AtomicLong free) {
    return new UnknownLength.Disk() {
      @Override
      public long free() {
        return free.get();
      }

      @Override
      public long size() {
        return size;
      }
    };
  }

  @Test
  void leavesOneGigabyteOrTwoPercentOfTheDisk() {
    assertThat(UnknownLength.reserve(2_000 * GB)).isEqualTo(GB);
    assertThat(UnknownLength.reserve(50 * GB)).isEqualTo(GB);
    assertThat(UnknownLength.reserve(10 * GB)).isEqualTo(GB / 5);
    assertThat(UnknownLength.reserve(0)).isZero();
  }

  @Test
  void endsBeforeTheDiskIsFull() {
    var free = new AtomicLong(5 * GB);
    var bound = new UnknownLength(folder.resolve("x"), 1_000 * GB, disk(500 * GB, free));
    assertThatCode(() -> bound.require(GB)).doesNotThrowAnyException();
    free.set(GB - 1);

    assertThatThrownBy(() -> bound.require(GB))
        .isInstanceOfSatisfying(
            EndlessBody.class,
            e -> {
              assertThat(e.problem().kind()).isEqualTo(Kind.RESOURCES);
              assertThat(e.problem().line()).contains("nearly full", "1.0 GB that stay free");
            });
  }

  @Test
  void endsABodyThatNeverEndsAndKeepsNothingOfIt() {
    try (var server = new FakeServer()) {
      server.handle(
          "/x",
          (exchange, body) -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] piece = new byte[100_000];
            piece[0] = 1;
            while (true) {
              exchange.getResponseBody().write(piece);
            }
          });
      HttpSettings settings =
          Downloads.impatient(1, 4, notice -> {})
              .with(new HttpSettings.Transfers(1, GB, GB, Duration.ofMillis(5), 3_000_000));
      try (Http http = Http.open(settings)) {
        Problem problem =
            catchThrowableOfType(
                    AthanorException.class,
                    () ->
                        Download.run(
                            http,
                            Downloads.at(() -> server.address().resolve("/x")),
                            new Download.Wanted(
                                "x",
                                "x",
                                OptionalLong.empty(),
                                Optional.empty(),
                                folder.resolve("x")),
                            Download.FinalCheck.NONE,
                            Progress.NONE,
                            new Cancellation()))
                .problem();

        assertThat(problem.line()).contains("does not say how large", "more than 3 MB");
        assertThat(problem.help().orElseThrow()).contains("ATHANOR_MAX_DOWNLOAD");
        assertThat(server.log()).hasSize(1);
        assertThat(folder).isEmptyDirectory();
      }
    }
  }

  @Test
  void takesTheLimitFromTheEnvironment() {
    assertThat(most("100GB")).isEqualTo(100 * GB);
    assertThat(most(" 2 tb ")).isEqualTo(2_000 * GB);
    assertThat(HttpSettings.from(Map.of(), notice -> {}).transfers().mostUnknown())
        .isEqualTo(32 * GB);
    for (String text : new String[] {"", "lots", "-1GB", "99999999999GB", "1.5GB"}) {
      assertThatThrownBy(() -> most(text)).as(text).hasMessageContaining("ATHANOR_MAX_DOWNLOAD");
    }
  }

  private static long most(String text) {
    return HttpSettings.from(Map.of("ATHANOR_MAX_DOWNLOAD", text), notice -> {})
        .transfers()
        .mostUnknown();
  }
}
