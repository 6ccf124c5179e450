package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.CommandLineRun;
import athanor.testkit.Gen;
import athanor.testkit.JavaProcess;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeHuggingFace;
import athanor.testkit.web.FakeWeb;
import athanor.testkit.web.Tokens;
import athanor.testkit.web.upload.Publishing;
import athanor.testkit.web.upload.Receipt;
import athanor.testkit.web.upload.Step;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code push} in a process of its own: killed at any moment, interrupted, with little memory.
 * {@code -Dkills=N} says how often it is killed.
 */
class PushProcessTest {
  private static final int KILLS = Integer.getInteger("kills", 4);
  private static final int CONNECTIONS = 4;
  private static final int CHUNK = 250_000;
  private static final String REPO = "alice/merged";
  private static final Pattern PART = Pattern.compile("\\{\"part\":(\\d+),.*}");

  @TempDir private Path home;
  private final FakeWeb web = new FakeWeb();
  private final Publishing hub = web.publishing();

  @AfterEach
  void noTokenLeftTheHub() throws IOException {
    web.close();
    assertThat(hub.tokenSeenAtStorage()).isFalse();
    try (Stream<Path> tree = Files.walk(home)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        if (Files.size(file) < 10_000_000) {
          assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
              .as(file.toString())
              .doesNotContain(Tokens.WRITE.secret(), "X-Amz-Signature");
        }
      }
    }
  }

  private Process push(Path file, String... javaOptions) throws IOException {
    List<String> command =
        new ArrayList<>(JavaProcess.command(Main.class, "push", file.toString(), REPO));
    command.addAll(1, List.of(javaOptions));
    var builder = new ProcessBuilder(JavaProcess.hearing(command)).redirectErrorStream(true);
    builder.environment().putAll(web.environment(home));
    builder.environment().put("HF_TOKEN", Tokens.WRITE.secret());
    return builder.start();
  }

  private static void interrupt(Process process) throws Exception {
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
  }

  private long arrivedParts() {
    return hub.receiving().receipts().stream()
        .filter(receipt -> receipt.request().status() == 200)
        .count();
  }

  /** The parts that the run which was killed knew to have arrived. */
  private Set<Integer> partsInState() throws IOException {
    Set<Integer> parts = new TreeSet<>();
    try (Stream<Path> files = Files.list(home.resolve("cache/uploads"))) {
      for (Path file : files.toList()) {
        String[] lines = Files.readString(file).split("\n", -1);
        for (int i = 1; i < lines.length - 1; i++) {
          var matcher = PART.matcher(lines[i]);
          if (matcher.matches()) {
            parts.add(Integer.valueOf(matcher.group(1)));
          }
        }
      }
    } catch (NoSuchFileException e) {
      // It had not begun.
    }
    return parts;
  }

  private long receipts(Set<Integer> parts) {
    return hub.receiving().receipts().stream().map(Receipt::part).filter(parts::contains).count();
  }

  @Test
  void sendsNoPartAgainThatItKnewToHaveArrivedWhenItWasKilled() throws Exception {
    Gen gen = Gen.seeded("killed push");
    Path file = Files.write(home.resolve("model.safetensors"), FakeWeb.safetensors(3_000_000, 7));
    Blob blob = Blob.of(Files.readAllBytes(file));
    long parts = (blob.size() + CHUNK - 1) / CHUNK;
    hub.settings().multipart(CHUNK);
    web.storage().latency(Duration.ofMillis(60));
    int whileSending = 0;
    Set<Integer> known = Set.of();
    for (int i = 0; i < KILLS; i++) {
      long before = receipts(known);
      long goal = Math.min(parts - 1, arrivedParts() + gen.between(0, 6));
      Process push = push(file);
      while (push.isAlive() && arrivedParts() < goal) {
        push.waitFor(1, TimeUnit.MILLISECONDS);
      }
      push.waitFor(gen.between(0, 80), TimeUnit.MILLISECONDS);
      push.destroyForcibly().waitFor();
      assertThat(receipts(known)).as("parts sent again").isEqualTo(before);
      known = partsInState();
      whileSending += known.isEmpty() ? 0 : 1;
    }
    long before = receipts(known);
    CommandLineRun last = JavaProcess.end(push(file));
    System.out.println(KILLS + " kills, " + whileSending + " with parts that had arrived");
    assertThat(last.code()).as(last.out()).isZero();
    assertThat(whileSending).isPositive();
    assertThat(receipts(known)).isEqualTo(before);
    assertThat(hub.receiving().received(blob.sha256()))
        .isLessThanOrEqualTo(blob.size() + (long) KILLS * CONNECTIONS * CHUNK);
    assertThat(hub.commits(REPO)).isEqualTo(1);
    assertThat(
            web.huggingFace()
                .find(REPO)
                .orElseThrow()
                .files()
                .get("model.safetensors")
                .blob()
                .sha256())
        .isEqualTo(blob.sha256());
    assertThat(partsInState()).isEmpty();
  }

  @Test
  void endsWith130WhenInterruptedAndGoesOnWhereItStopped() throws Exception {
    Path file = Files.write(home.resolve("model.safetensors"), FakeWeb.safetensors(3_000_000, 8));
    hub.settings().multipart(CHUNK);
    web.storage().latency(Duration.ofMillis(60));
    Process push = push(file);
    while (push.isAlive() && arrivedParts() < 8) {
      push.waitFor(1, TimeUnit.MILLISECONDS);
    }
    interrupt(push);
    CommandLineRun run = JavaProcess.end(push);
    assertThat(run.code()).as(run.out()).isEqualTo(130);
    assertThat(run.out()).contains("cancelled; what was sent is kept");
    assertThat(hub.requests(Step.COMMIT)).isZero();
    Set<Integer> known = partsInState();
    assertThat(known).hasSizeGreaterThanOrEqualTo(4);
    long before = receipts(known);
    CommandLineRun last = JavaProcess.end(push(file));
    assertThat(last.code()).as(last.out()).isZero();
    assertThat(receipts(known)).isEqualTo(before);
    assertThat(hub.commits(REPO)).isEqualTo(1);
  }

  @Test
  void letsTwoProcessesSendTheSameFileOnce() throws Exception {
    Path file = Files.write(home.resolve("model.safetensors"), FakeWeb.safetensors(1_000_000, 9));
    hub.settings().multipart(CHUNK);
    web.huggingFace().repo(REPO, FakeHuggingFace.Visibility.PRIVATE);
    web.storage().latency(Duration.ofMillis(100));
    Process one = push(file);
    Process two = push(file);
    CommandLineRun first = JavaProcess.end(one);
    CommandLineRun second = JavaProcess.end(two);
    assertThat(List.of(first.code(), second.code())).as(first.out() + second.out()).containsOnly(0);
    assertThat(hub.receiving().received(Blob.of(Files.readAllBytes(file)).sha256()))
        .isEqualTo(Files.size(file));
    assertThat(hub.commits(REPO)).isEqualTo(1);
  }

  @Test
  void needsLittleMemoryHoweverLargeFileAndPartsAre() throws Exception {
    long values = 300_000_000;
    Path file = home.resolve("large.safetensors");
    try (var writer = new RandomAccessFile(file.toFile(), "rw")) {
      String header =
          "{\"w\":{\"dtype\":\"U8\",\"shape\":["
              + values
              + "],\"data_offsets\":[0,"
              + values
              + "]}}";
      byte[] json = header.getBytes(StandardCharsets.UTF_8);
      writer.write(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).array());
      writer.write(json);
      writer.setLength(8 + json.length + values);
    }
    hub.settings().multipart(64_000_000);
    hub.receiving().discard();
    CommandLineRun run = JavaProcess.end(push(file, "-Xmx64m", "-XX:MaxDirectMemorySize=32m"));
    assertThat(run.code()).as(run.out()).isZero();
    assertThat(hub.receiving().receipts().stream().map(Receipt::part).collect(Collectors.toSet()))
        .hasSize(5);
    Files.delete(file);
  }
}
