package athanor.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.model.Architecture;
import athanor.model.CheckpointModel;
import athanor.model.Recognition;
import athanor.model.RelaidTensor;
import athanor.model.TargetIndex;
import athanor.model.table.Section;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.Known;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every table against the keys and shapes of published models, in each layout. */
class PublishedTest {
  private static final Map<Architecture, TransformerTables> TABLES = new HashMap<>();

  /** A line of the table of published models. */
  record Published(
      Architecture architecture,
      String layout,
      List<String> groups,
      String blocks,
      String inputs,
      int keys,
      long parameters,
      String hash) {

    static Published parse(String line) {
      String[] words = line.split("\t");
      return new Published(
          Known.of(words[0]),
          words[1],
          words[2].equals("-") ? List.of() : List.of(words[2].split(",")),
          words[3],
          words[4],
          Integer.parseInt(words[5]),
          Long.parseLong(words[6]),
          words[7]);
    }

    TransformerTables tables() {
      return TABLES.computeIfAbsent(
          architecture, one -> TransformerTables.read(one.facts().table().orElseThrow(), one.id()));
    }

    /** How many blocks it has, by what their names begin with. */
    Map<String, Integer> counts() {
      Map<String, Integer> counts = new HashMap<>(tables().repeats().complete());
      if (!blocks.equals("-")) {
        counts.put(blocks.split("=")[0], Integer.parseInt(blocks.split("=")[1]));
      }
      return counts;
    }

    /** The tensors that our table says such a model has. */
    List<TensorInfo> tensors() {
      TransformerTables tables = tables();
      List<TensorInfo> tensors = new ArrayList<>();
      for (LayoutTensor tensor :
          tables.layout(layout).orElseThrow().tensors(tables.modules().names(counts(), groups))) {
        tensors.add(new TensorInfo(tensor.keys().getFirst(), DType.BF16, widened(tensor)));
        if (tensor.bias()) {
          long rows = tensor.shape().rows();
          tensors.add(new TensorInfo(tensor.keys().get(1), DType.BF16, Shape.of(rows)));
        }
      }
      return tensors;
    }

    /** The shape of a tensor, in a model whose first layer may have more inputs. */
    Shape widened(LayoutTensor tensor) {
      boolean wide =
          !inputs.equals("-")
              && tensor.segments().stream()
                  .anyMatch(one -> tables().modules().find(one.module()).orElseThrow().wider());
      if (!wide) {
        return tensor.shape();
      }
      long[] dims = tensor.shape().dims();
      dims[1] = Long.parseLong(inputs);
      return Shape.of(dims);
    }

    boolean isSameModelAs(Published other) {
      return architecture.equals(other.architecture)
          && groups.equals(other.groups)
          && blocks.equals(other.blocks)
          && inputs.equals(other.inputs);
    }

    @Override
    public String toString() {
      return architecture + " " + layout + " " + groups + " " + blocks + " " + inputs;
    }
  }

  static Stream<Published> all() {
    return Section.lines(PublishedTest.class, "published.tsv").stream().map(Published::parse);
  }

  private static String hash(List<TensorInfo> tensors) throws NoSuchAlgorithmException {
    String text =
        tensors.stream()
            .map(tensor -> {
              String dims =
                  Arrays.stream(tensor.shape().dims())
                      .mapToObj(Long::toString)
                      .collect(Collectors.joining("x"));
              return tensor.key() + " " + (dims.isEmpty() ? "scalar" : dims) + "\n";
            })
            .sorted()
            .collect(Collectors.joining());
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
    return HexFormat.of().formatHex(digest).substring(0, 16);
  }

  @ParameterizedTest
  @MethodSource("all")
  void keysAndShapesAreThoseOfThePublishedModel(Published model) throws NoSuchAlgorithmException {
    List<TensorInfo> tensors = model.tensors();

    assertThat(tensors.size()).isEqualTo(model.keys());
    assertThat(tensors.stream().mapToLong(tensor -> tensor.shape().elementCount()).sum())
        .isEqualTo(model.parameters());
    assertThat(hash(tensors)).isEqualTo(model.hash());
  }

  @ParameterizedTest
  @MethodSource("all")
  void aPublishedModelIsRecognisedAndComplete(Published model) {
    for (String prefix : List.of("", "model.diffusion_model.")) {
      List<TensorInfo> file =
          model.tensors().stream()
              .map(tensor -> new TensorInfo(prefix + tensor.key(), DType.BF16, tensor.shape()))
              .toList();

      assertThat(Recognition.of(file))
          .isInstanceOfSatisfying(
              Recognition.Checkpoint.class,
              found -> {
                assertThat(found.model().architecture()).isEqualTo(model.architecture());
                assertThat(found.model().missing()).isEmpty();
                assertThat(found.model().denoiserPrefix()).isEqualTo(prefix);
                assertThat(TargetIndex.of(found.model()).targets()).isNotEmpty();
              });
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void everyOtherLayoutIsMadeOfIt(Published model) throws NoSuchAlgorithmException {
    CheckpointModel file = ((Recognition.Checkpoint) Recognition.of(model.tensors())).model();
    assertThat(file.layout()).contains(model.layout());
    for (Published other : all().filter(one -> one.isSameModelAs(model)).toList()) {
      List<RelaidTensor> relaid = file.inLayout(other.layout());

      List<TensorInfo> outputs = relaid.stream().map(RelaidTensor::output).toList();
      assertThat(hash(outputs)).as(other.toString()).isEqualTo(other.hash());
      for (RelaidTensor tensor : relaid) {
        long elements =
            tensor.pieces().stream()
                .mapToLong(piece ->
                    piece.rows().count()
                        * (piece.tensor().shape().elementCount() / piece.tensor().shape().rows()))
                .sum();
        assertThat(elements).isEqualTo(tensor.output().shape().elementCount());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void whatDiffusersReadsHasNoPrefix(Published model) throws NoSuchAlgorithmException {
    String prefix = "model.diffusion_model.";
    List<TensorInfo> prefixed =
        model.tensors().stream()
            .map(tensor -> new TensorInfo(prefix + tensor.key(), tensor.dtype(), tensor.shape()))
            .toList();
    CheckpointModel file = ((Recognition.Checkpoint) Recognition.of(prefixed)).model();
    for (Published other : all().filter(one -> one.isSameModelAs(model)).toList()) {
      List<TensorInfo> outputs =
          file.inLayout(other.layout()).stream().map(RelaidTensor::output).toList();
      boolean bare = !other.layout().equals("original");
      assertThat(outputs).allMatch(tensor -> tensor.key().startsWith(prefix) != bare);
      if (bare) {
        assertThat(hash(outputs)).isEqualTo(other.hash());
      }
    }
  }
}
