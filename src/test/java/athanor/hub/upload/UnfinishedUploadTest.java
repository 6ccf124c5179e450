package athanor.hub.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.progress.Cancellation;
import athanor.testkit.Gen;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnfinishedUploadTest {
  private static final long SIZE = 95;

  @TempDir private Path folder;
  private final List<String> notices = new CopyOnWriteArrayList<>();

  private Path path() {
    return folder.resolve("uploads/state.jsonl");
  }

  private UnfinishedUpload open() {
    return UnfinishedUpload.open(path(), SIZE, notices::add, new Cancellation());
  }

  private static MultipartPlan parts(String id) {
    return new MultipartPlan(
        10,
        IntStream.rangeClosed(1, 10).mapToObj(n -> URI.create("https://s3/" + id + n)).toList(),
        URI.create("https://hub/complete?uploadId=" + id),
        Optional.empty(),
        Instant.now(),
        Optional.of(Duration.ofMinutes(15)));
  }

  @Test
  void remembersThePlanAndThePartsForItsOwnerAlone() throws IOException {
    try (var state = open()) {
      state.follow(parts("one"));
      state.arrived(3, "\"c\"");
      state.arrived(1, "\"a\"");
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path())))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path().getParent())))
        .isEqualTo("rwx------");
    try (var state = open()) {
      assertThat(state.plan().orElseThrow().addresses()).isEqualTo(parts("one").addresses());
      assertThat(state.arrived()).isEqualTo(Map.of(1, "\"a\"", 3, "\"c\""));
      state.follow(parts("one"));
      assertThat(state.arrived()).hasSize(2);
      state.follow(parts("two"));
      assertThat(state.arrived()).isEmpty();
      state.remove();
    }
    assertThat(path()).doesNotExist();
  }

  @Test
  void believesOnlyWhatWasWrittenWholeHoweverItIsCutOrDamaged() throws IOException {
    try (var state = open()) {
      state.follow(parts("one"));
      for (int part = 1; part <= 9; part++) {
        state.arrived(part, "\"etag" + part + "\"");
      }
    }
    byte[] whole = Files.readAllBytes(path());
    Gen gen = Gen.seeded("cut states");
    for (int i = 0; i < 150; i++) {
      byte[] cut = Arrays.copyOf(whole, gen.between(0, whole.length));
      if (gen.coin() && cut.length > 0) {
        cut[gen.between(0, cut.length - 1)] ^= (byte) gen.between(1, 255);
      }
      Files.write(path(), cut);
      try (var state = open()) {
        state.arrived().forEach((part, etag) -> assertThat(part).isBetween(1, 10));
        assertThat(state.plan().isPresent() || state.arrived().isEmpty()).isTrue();
      }
    }
    Files.write(path(), Arrays.copyOf(whole, whole.length - 1));
    try (var state = open()) {
      assertThat(state.arrived()).hasSize(8);
    }
  }

  @Test
  void leavesNothingBehindWhenNothingIsKnown() {
    open().close();
    assertThat(path()).doesNotExist();
  }

  @Test
  void removesWhatNobodyWentOnWith() throws IOException {
    Path old = path().resolveSibling("0".repeat(40) + ".jsonl");
    Path young = path().resolveSibling("1".repeat(40) + ".jsonl");
    Files.createDirectories(path().getParent());
    Files.writeString(old, "secret");
    Files.writeString(young, "secret");
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(4))));
    Path foreign = path().resolveSibling("draft.txt");
    Files.writeString(foreign, "of the user");
    Files.setLastModifiedTime(foreign, FileTime.from(Instant.EPOCH));
    open().close();
    assertThat(old).doesNotExist();
    assertThat(young).exists();
    assertThat(foreign).exists();
  }

  @Test
  void writesNoJournalThroughALink() throws IOException {
    Path victim = Files.writeString(path().getParent().getParent().resolve("victim"), "precious");
    Files.createDirectories(path().getParent());
    Files.createSymbolicLink(path(), victim);

    assertThatThrownBy(this::open)
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("symbolic link");
    assertThat(victim).hasContent("precious");
  }

  @Test
  void makesASecondRunWait() throws Exception {
    Thread second;
    try (var first = open()) {
      first.follow(parts("one"));
      second = Thread.ofPlatform().start(() -> open().close());
      while (notices.isEmpty()) {
        Thread.sleep(5);
      }
      assertThat(notices).containsExactly("another run is sending this file; waiting for it");
      first.remove();
    }
    second.join(10_000);
    assertThat(second.isAlive()).isFalse();
  }
}
