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
    assertRefused(writeMap("\"a\":\"" + FIRST + "\",\"c\":\"" + FIRST + "\""), "in no file");
  }

  @Test
  void refusesATensorThatTheIndexDoesNotName() throws IOException {
    writeShard(FIRST, "x", 1);
    assertRefused(writeMap("\"b\":\"" + SECOND + "\",\"a\":\"" + FIRST + "\""), "in no file");
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
