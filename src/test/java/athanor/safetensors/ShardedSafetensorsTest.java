package athanor.safetensors;

import static athanor.safetensors.SafetensorsBytes.file;
import static athanor.safetensors.SafetensorsBytes.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.tensor.Container;
import athanor.tensor.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardedSafetensorsTest {
  private static final String FIRST = "m-00001-of-00002.safetensors";
  private static final String SECOND = "m-00002-of-00002.safetensors";

  /** Asked of an idle machine; the test allows for a busy one. */
  private static final Duration SOON = Duration.ofSeconds(10);

  private static final int BUSY_MACHINE = 5;

  @TempDir Path folder;

  @BeforeEach
  void writeShards() throws IOException {
    writeShard(FIRST, "a", 1);
    writeShard(SECOND, "b", 2);
  }

  @Test
  void readsTensorsFromAllFiles() throws IOException {
    Path index = writeMap("\"b\":\"" + SECOND + "\",\"a\":\"" + FIRST + "\"");
    try (ShardedSafetensors model = ShardedSafetensors.open(index)) {
      assertThat(model.container()).isEqualTo(Container.SHARDED_SAFETENSORS);
      assertThat(model.name()).isEqualTo("m.safetensors.index.json");
      assertThat(model.tensors()).extracting(TensorInfo::key).containsExactly("a", "b");
      assertThat(model.files()).hasSize(3);
      assertThat(model.notes()).isEmpty();
      byte[] value = new byte[1];
      model.read(model.find("b").orElseThrow(), 0, MemorySegment.ofArray(value));
      assertThat(value).containsExactly(2);
      assertThat(model.range(model.find("b").orElseThrow()).orElseThrow().file().name())
          .isEqualTo(SECOND);
      assertThat(model.find("c")).isEmpty();
    }
  }

  @Test
  void toleratesAFractionalOrMissingTotalSizeAndNotesAWrongOne() throws IOException {
    String map = "\"weight_map\":{\"a\":\"" + FIRST + "\",\"b\":\"" + SECOND + "\"}}";
    ShardedSafetensors.open(writeIndex("{\"metadata\":{\"total_size\":2.0}," + map)).close();
    ShardedSafetensors.open(writeIndex("{" + map)).close();
    try (ShardedSafetensors model =
        ShardedSafetensors.open(writeIndex("{\"metadata\":{\"total_size\":7}," + map))) {
      assertThat(model.notes()).singleElement().asString().contains("claims 7 bytes");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../x.safetensors",
        "/etc/passwd.safetensors",
        "C:\\\\x.safetensors",
        "\\\\\\\\host\\\\s.safetensors",
        "a/../../b.safetensors",
        "sub/b.safetensors",
        "..",
        "",
        "a\\u0000.safetensors",
        "x.safetensors:ads.safetensors"
      })
  void refusesShardsThatAreNotPlainNames(String name) throws IOException {
    assertRefused(writeMap("\"a\":\"" + name + "\""), "plain file name");
  }

  @Test
  void refusesAPickleAsShard() throws IOException {
    assertRefused(writeMap("\"a\":\"x.bin\""), "must be safetensors");
  }

  @Test
  void refusesAMissingShard() throws IOException {
    assertRefused(writeMap("\"a\":\"gone.safetensors\""), "missing");
  }

  @Test
  void refusesATensorInTwoFiles() throws IOException {
    writeShard(SECOND, "a", 2);
    assertRefused(
        writeMap("\"a\":\"" + FIRST + "\",\"b\":\"" + SECOND + "\""), "a tensor is in two files");
  }

  @Test
  void refusesATensorThatIsElsewhere() throws IOException {
    assertRefused(
        writeMap("\"a\":\"" + SECOND + "\",\"b\":\"" + FIRST + "\""), "not where the shard index");
  }

  @Test
  void refusesATensorThatIsNowhere() throws IOException {
    assertRefused(writeMap("\"a\":\"" + FIRST + "\",\"c\":\"" + FIRST + "\""), "no such tensor in");
  }

  @Test
  void refusesATensorThatTheIndexDoesNotName() throws IOException {
    writeShard(FIRST, "x", 1);
    assertRefused(
        writeMap("\"b\":\"" + SECOND + "\",\"a\":\"" + FIRST + "\""), "does not name this tensor");
    Path index = writeMap("\"b\":\"" + SECOND + "\"");
    ShardedSafetensors.open(index).close();
    Files.write(
        folder.resolve(SECOND),
        file(
            "{\"b\":" + tensor("U8", "[1]", 0, 1) + ",\"c\":" + tensor("U8", "[1]", 1, 2) + "}",
            2));
    assertRefused(index, "does not name this tensor");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{}",
        "{\"weight_map\":[]}",
        "{\"weight_map\":{}}",
        "{\"weight_map\":{\"a\":1}}",
        "{\"weight_map\":{\"a\":\"x.safetensors\",\"a\":\"x.safetensors\"}}",
        "{\"weight_map\":{}} {}",
        "{\"weight_map\":"
      })
  void refusesAMalformedIndex(String json) throws IOException {
    assertRefused(writeIndex(json), "m.safetensors.index.json");
  }

  @Test
  void refusesAnIndexOfElevenMebibytes() throws IOException {
    assertRefused(writeIndex("{" + " ".repeat(11 << 20) + "}"), "too large");
  }

  @Test
  void refusesAHundredThousandShards() throws IOException {
    String map =
        IntStream.range(0, 100_000)
            .mapToObj(i -> "\"k%d\":\"s%d.safetensors\"".formatted(i, i))
            .collect(Collectors.joining(","));
    assertRefused(writeMap(map), "too many files");
  }

  @Test
  void refusesALinkOutOfTheFolder(@TempDir Path elsewhere) throws IOException {
    Files.move(folder.resolve(FIRST), elsewhere.resolve(FIRST));
    Files.createSymbolicLink(folder.resolve(FIRST), elsewhere.resolve(FIRST));
    assertRefused(
        writeMap("\"a\":\"" + FIRST + "\",\"b\":\"" + SECOND + "\""), "out of the folder");
  }

  @Test
  void followsTheLinksOfTheHubCache(@TempDir Path cache) throws IOException {
    Path blobs = Files.createDirectories(cache.resolve("models--x/blobs"));
    Path snapshot = Files.createDirectories(cache.resolve("models--x/snapshots/0123/unet"));
    Path blob = Files.write(blobs.resolve("77"), shard("a", 5));
    Files.createSymbolicLink(snapshot.resolve("a.safetensors"), blob);
    Path index = snapshot.resolve("a.safetensors.index.json");
    Files.writeString(index, "{\"weight_map\":{\"a\":\"a.safetensors\"}}");
    try (ShardedSafetensors model = ShardedSafetensors.open(index)) {
      assertThat(model.tensors()).hasSize(1);
    }
  }

  @Test
  void refusesManyNamesOfOneFileAtTheFirst() throws Exception {
    Path shard = folder.resolve("s00.safetensors");
    Files.write(shard, emptyTensors(200_000, "k"));
    var map = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      Path link = folder.resolve("s%02d.safetensors".formatted(i));
      if (i > 0) {
        Files.createSymbolicLink(link, shard.getFileName());
      }
      map.append(i == 0 ? "" : ",").append("\"k%d\":\"%s\"".formatted(i, link.getFileName()));
    }
    Path index = writeMap(map.toString());
    assertThat(OpenInSmallHeap.outcome(index, "256m"))
        .startsWith("BAD_FILE")
        .containsAnyOf("does not name this tensor", "not where the shard index says");
  }

  @Test
  void refusesHeadersThatAreTooLongTogetherBeforeReadingThem() throws IOException {
    Path index = writeThousandShards("x".repeat(68_000));
    assertRefused(index, "too long together");
  }

  @Test
  void opensAThousandShardsWithinTenSecondsAnd256Megabytes() throws Exception {
    Path index = writeThousandShards("x".repeat(64_000));
    long start = System.nanoTime();
    assertThat(OpenInSmallHeap.outcome(index, "256m")).isEqualTo("opened 1000");
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isLessThan(SOON.multipliedBy(BUSY_MACHINE));
  }

  private Path writeThousandShards(String text) throws IOException {
    var map = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      String name = "m-%04d.safetensors".formatted(i);
      Files.write(
          folder.resolve(name),
          file(
              "{\"__metadata__\":{\"note\":\"%s\"},\"k%d\":%s}"
                  .formatted(text, i, tensor("U8", "[1]", 0, 1)),
              1));
      map.append(i == 0 ? "" : ",").append("\"k%d\":\"%s\"".formatted(i, name));
    }
    return writeMap(map.toString());
  }

  private static byte[] emptyTensors(int count, String prefix) {
    String header =
        IntStream.range(0, count)
            .mapToObj(i -> "\"%s%d\":%s".formatted(prefix, i, tensor("U8", "[0]", 0, 0)))
            .collect(Collectors.joining(",", "{", "}"));
    return file(header, 0);
  }

  private void assertRefused(Path index, String reason) {
    assertThatThrownBy(() -> ShardedSafetensors.open(index))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining(reason);
  }

  private Path writeMap(String map) throws IOException {
    return writeIndex("{\"metadata\":{\"total_size\":2},\"weight_map\":{" + map + "}}");
  }

  private Path writeIndex(String json) throws IOException {
    return Files.writeString(folder.resolve("m.safetensors.index.json"), json);
  }

  private void writeShard(String name, String key, int value) throws IOException {
    Files.write(folder.resolve(name), shard(key, value));
  }

  private static byte[] shard(String key, int value) {
    return file("{\"" + key + "\":" + tensor("U8", "[1]", 0, 1) + "}", new byte[] {(byte) value});
  }
}
