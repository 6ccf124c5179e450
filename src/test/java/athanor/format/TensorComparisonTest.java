package athanor.format;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.testkit.Gen;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two files compared tensor by tensor, and the hash that stands for all tensors of a file. */
class TensorComparisonTest {
  @TempDir Path folder;

  /** Larger than the blocks in which files are read. */
  private static final int LARGE = 3 << 20;

  private final Gen gen = Gen.fixed(3);
  private final Map<String, byte[]> values = new HashMap<>();

  private TensorFile file(List<TensorInfo> tensors) {
    var file = new TensorFile();
    for (TensorInfo tensor : tensors) {
      byte[] bytes =
          values.computeIfAbsent(
              tensor.key(), key -> gen.bytes(Math.toIntExact(tensor.byteSize())));
      file.put(tensor, bytes.clone());
    }
    return file;
  }

  private static List<TensorInfo> tensors() {
    return List.of(
        new TensorInfo("b", DType.F16, Shape.of(LARGE)),
        new TensorInfo("a", DType.F32, Shape.of(2, 3)),
        new TensorInfo("empty", DType.F32, Shape.of(0, 3)),
        new TensorInfo("scalar", DType.I64, Shape.of()));
  }

  private TensorComparison compare(Path expected, Path actual) {
    try (StateDict one = StateDicts.open(expected);
        StateDict two = StateDicts.open(actual)) {
      return TensorComparison.of(one, two, Progress.NONE, new Cancellation());
    }
  }

  private String hash(Path path) {
    try (StateDict file = StateDicts.open(path)) {
      return TensorHash.of(file, Progress.NONE, new Cancellation());
    }
  }

  @Test
  void neitherOrderNorMetadataNorContainerCount() {
    Path one = file(tensors()).metadata("x", "y").write(folder.resolve("one.safetensors"));
    List<TensorInfo> shuffled = new ArrayList<>(tensors());
    Collections.shuffle(shuffled, new Random(1));
    Path two = file(shuffled).write(folder.resolve("two.safetensors"));
    Path torch = file(shuffled).writeTorch(folder.resolve("three.ckpt"), true);

    TensorComparison comparison = compare(one, two);

    assertThat(comparison.same()).isTrue();
    assertThat(comparison.tensors()).isEqualTo(4);
    assertThat(comparison.bytes()).isEqualTo(2L * LARGE + 24 + 8);
    assertThat(compare(one, torch).same()).isTrue();
    assertThat(hash(two)).isEqualTo(hash(one));
    assertThat(hash(torch)).isEqualTo(hash(one));
  }

  @Test
  void findsTheLastByteOfALargeTensor() {
    Path one = file(tensors()).write(folder.resolve("one.safetensors"));
    String before = hash(one);
    byte[] large = values.get("b");
    large[large.length - 1] ^= 4;
    Path two = file(tensors()).write(folder.resolve("two.safetensors"));

    TensorComparison comparison = compare(one, two);

    assertThat(comparison.different()).isEqualTo(1);
    TensorComparison.Difference first = comparison.first().orElseThrow();
    assertThat(first.key()).isEqualTo("b");
    assertThat(first.found()).endsWith("at byte " + (2 * LARGE - 1));
    assertThat(hash(two)).isNotEqualTo(before);
  }

  @Test
  void countsWhatIsMissingTooManyOrOfAnotherKind() {
    Path one = file(tensors()).write(folder.resolve("one.safetensors"));
    Path two =
        file(List.of(
                new TensorInfo("b", DType.BF16, Shape.of(LARGE)),
                new TensorInfo("a", DType.F32, Shape.of(3, 2)),
                new TensorInfo("empty", DType.F32, Shape.of(0, 3)),
                new TensorInfo("other", DType.I64, Shape.of())))
            .write(folder.resolve("two.safetensors"));

    TensorComparison comparison = compare(one, two);

    assertThat(comparison.different()).as("type, shape, missing, too many").isEqualTo(4);
    assertThat(comparison.first())
        .as("the first in the order of the file")
        .contains(new TensorComparison.Difference("scalar", "no such tensor", "I64 []"));
    assertThat(hash(two)).isNotEqualTo(hash(one));
  }

  @Test
  void theHashKnowsNamesTypesAndShapesToo() {
    Path one = file(List.of(new TensorInfo("a", DType.F16, Shape.of(4)))).write(at("one"));
    values.put("z", values.get("a"));
    Path named = file(List.of(new TensorInfo("z", DType.F16, Shape.of(4)))).write(at("two"));
    Path typed = file(List.of(new TensorInfo("a", DType.BF16, Shape.of(4)))).write(at("three"));
    Path shaped = file(List.of(new TensorInfo("a", DType.F16, Shape.of(2, 2)))).write(at("four"));
    assertThat(List.of(hash(one), hash(named), hash(typed), hash(shaped))).doesNotHaveDuplicates();
  }

  private Path at(String name) {
    return folder.resolve(name + ".safetensors");
  }
}
