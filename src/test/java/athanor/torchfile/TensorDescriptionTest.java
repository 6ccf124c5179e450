package athanor.torchfile;

import static athanor.torchfile.PickleProgram.BUILD;
import static athanor.torchfile.PickleProgram.EMPTY_LIST;
import static athanor.torchfile.PickleProgram.EMPTY_TUPLE;
import static athanor.torchfile.PickleProgram.FALSE;
import static athanor.torchfile.PickleProgram.MARK;
import static athanor.torchfile.PickleProgram.NONE;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a pickle says of its tensors, true or not. */
@Tag("hostile")
@Timeout(10)
class TensorDescriptionTest extends TorchFileTestCase {
  private static final byte[] RAMP = ramp(12);

  private static long[] dims(long... values) {
    return values;
  }

  /** A view of the twelve float32 0, 1, … 11. */
  private TorchFile view(long offset, long[] size, long[] stride) {
    return open(ArchiveBuilder.checkpoint(viewPickle(offset, size, stride), RAMP));
  }

  private void assertViewRefused(long offset, long[] size, long[] stride, String words) {
    assertThat(refusal(ArchiveBuilder.checkpoint(viewPickle(offset, size, stride), RAMP)).line())
        .contains("tensor t", words);
  }

  private static byte[] viewPickle(long offset, long[] size, long[] stride) {
    return dict(p -> p.text("t").tensor("Float", "0", 12, offset, size, stride));
  }

  /** A dict with the tensor {@code t} that is made by this call, and the storage 0. */
  private static ArchiveBuilder made(
      String module, String function, byte[] storage, Consumer<PickleProgram> args) {
    return ArchiveBuilder.checkpoint(dict(p -> p.text("t").call(module, function, args)), storage);
  }

  private static Consumer<PickleProgram> v3(String type, long bytes, long... size) {
    return p ->
        p.tuple(q ->
                q.text("storage")
                    .global("torch.storage", "UntypedStorage")
                    .text("0")
                    .text("cpu")
                    .number(bytes))
            .op('Q')
            .number(0)
            .numbers(size)
            .numbers(packed(size))
            .op(FALSE)
            .orderedDict()
            .global("torch", type);
  }

  private static long[] packed(long... size) {
    long[] stride = new long[size.length];
    long next = 1;
    for (int d = size.length - 1; d >= 0; d--) {
      stride[d] = next;
      next *= size[d];
    }
    return stride;
  }

  @Test
  void p29RefusesStoragesThatAreNotThere() {
    for (String key : new String[] {"9", "../../etc/passwd", "0 ", "", "x".repeat(200)}) {
      assertRefused(dict(p -> p.weights().text("c").floats(key, 2)), "missing");
    }
    assertRefused(dict(p -> p.weights().text("c").floats("x".repeat(1 << 20), 2)), "storage key");
  }

  @Test
  void p29RefusesAStorageWhoseNameLeadsOut() {
    byte[] pickle = dict(p -> p.weights().text("c").floats("../../x", 2));
    ArchiveBuilder archive = ArchiveBuilder.checkpoint(pickle, A, B).add("archive/data/../../x", A);
    assertThat(refusal(archive).line()).contains("leads out");
  }

  @Test
  void p29AcceptsStorageKeysThatAreNumbers() {
    byte[] pickle =
        dict(p ->
            p.text("b")
                .floats("1", 2)
                .text("a")
                .call(
                    "torch._utils",
                    "_rebuild_tensor_v2",
                    a ->
                        a.tuple(q ->
                                q.text("storage")
                                    .global("torch", "FloatStorage")
                                    .number(0)
                                    .text("cpu")
                                    .number(2))
                            .op('Q')
                            .number(0)
                            .numbers(2)
                            .numbers(1)
                            .op(FALSE)
                            .orderedDict()));
    assertUsualWeights(openProgram(pickle));
  }

  @Test
  void p30RefusesViewsBeyondTheStorage() {
    assertViewRefused(0, dims(13), dims(1), "element is number 12 of a storage with 12");
    assertViewRefused(12, dims(1), dims(1), "element is number 12");
    assertViewRefused(1, dims(3, 4), dims(4, 1), "element is number 12");
    assertViewRefused(0, dims(2), dims(12), "element is number 12");
    assertViewRefused(0, dims(2), dims(Long.MAX_VALUE), "element is number");
    assertViewRefused(5, dims(2), dims(Long.MAX_VALUE), "exceeds all bounds");
    assertViewRefused(0, dims(3), dims(Long.MAX_VALUE), "exceeds all bounds");
    assertViewRefused(Long.MAX_VALUE, dims(), dims(), "element is number");
  }

  @Test
  void p30RefusesNegativeNumbersAndOverflow() {
    assertViewRefused(-1, dims(2), dims(1), "offset is negative");
    assertViewRefused(0, dims(-2), dims(1), "size is negative");
    assertViewRefused(11, dims(2), dims(-1), "stride is negative");
    assertViewRefused(0, dims(2, 2), dims(1), "2 sizes but 1 strides");
    assertViewRefused(0, dims(1L << 62, 1L << 62), dims(0, 0), "exceeds all bounds");
    assertViewRefused(0, dims(1L << 62), dims(0), "exceeds all bounds");
  }

  @Test
  void p30RefusesTooManyDimensions() {
    long[] ones = LongStream.generate(() -> 1).limit(65).toArray();
    assertViewRefused(0, ones, ones, "more than 64 dimensions");
    long[] most = LongStream.generate(() -> 1).limit(64).toArray();
    assertThat(read(view(3, most, most), "t")).containsExactly(3);
  }

  @ParameterizedTest
  @ValueSource(longs = {1_000_000_000_000L, 10_000_000L})
  void p31RefusesAFewBytesThatAreRepeatedForever(long size) {
    assertThat(refusal(ArchiveBuilder.checkpoint(viewPickle(0, dims(size), dims(0)), RAMP)).line())
        .contains("far larger than the file");
  }

  @Test
  void p32RefusesManyTensorsThatShareAllOfOneStorage() {
    int count = 1000;
    long elements = 500_000;
    byte[] pickle =
        dict(p -> {
          for (int i = 0; i < count; i++) {
            p.text("k" + i).floats("0", elements);
          }
        });
    byte[] file = ArchiveBuilder.checkpoint(pickle, new byte[(int) (4 * elements)]).bytes();
    assertThat(refusal(file).line()).contains("far larger than the file");
    TorchFile allowed = TorchZipFile.open(file(file), count * 4 * elements);
    assertThat(allowed.tensors()).hasSize(count);
  }

  @Test
  void p32AcceptsSharedStoragesWithinReason() {
    byte[] pickle =
        dict(p ->
            p.text("a")
                .floats("0", 12)
                .text("tied")
                .floats("0", 12)
                .text("part")
                .tensor("Float", "0", 12, 4, dims(2, 2), dims(2, 1)));
    TorchFile file = open(ArchiveBuilder.checkpoint(pickle, RAMP));
    assertThat(read(file, "a")).isEqualTo(read(file, "tied"));
    assertThat(read(file, "part")).containsExactly(4, 5, 6, 7);
    assertThat(file.tensors()).extracting(TensorInfo::key).containsExactly("a", "tied", "part");
  }

  @Test
  void p33ReadsEveryKindOfView() {
    assertThat(read(view(0, dims(4, 3), dims(1, 4)), "t"))
        .containsExactly(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11);
    assertThat(read(view(5, dims(2, 2), dims(4, 1)), "t")).containsExactly(5, 6, 9, 10);
    assertThat(read(view(1, dims(3), dims(2)), "t")).containsExactly(1, 3, 5);
    assertThat(read(view(7, dims(2, 3), dims(0, 1)), "t")).containsExactly(7, 8, 9, 7, 8, 9);
    assertThat(read(view(0, dims(3, 3), dims(1, 1)), "t"))
        .containsExactly(0, 1, 2, 1, 2, 3, 2, 3, 4);
    assertThat(read(view(9, dims(), dims()), "t")).containsExactly(9);
    assertThat(read(view(99, dims(0), dims(77)), "t")).isEmpty();
    assertThat(read(view(0, dims(2, 0, 3), dims(1L << 62, 1L << 62, 1L << 62)), "t")).isEmpty();
    assertThat(read(view(2, dims(1, 3, 1), dims(1000, 1, 1000)), "t")).containsExactly(2, 3, 4);
  }

  @Test
  void p33GivesARangeOnlyToPackedViews() {
    TorchFile packed = view(2, dims(1, 3, 1), dims(1000, 1, 1000));
    assertThat(packed.range(packed.tensors().getFirst())).isPresent();
    TorchFile transposed = view(0, dims(4, 3), dims(1, 4));
    assertThat(transposed.range(transposed.tensors().getFirst())).isEmpty();
    TorchFile none = view(99, dims(0), dims(77));
    assertThat(none.range(none.tensors().getFirst()).orElseThrow().length()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "float8_e4m3fn, F8_E4M3, 1",
    "float8_e5m2, F8_E5M2, 1",
    "float8_e4m3fnuz, F8_E4M3FNUZ, 1",
    "float8_e5m2fnuz, F8_E5M2FNUZ, 1",
    "float8_e8m0fnu, F8_E8M0, 1",
    "uint16, U16, 2",
    "uint32, U32, 4",
    "uint64, U64, 8",
    "float16, F16, 2",
    "half, F16, 2",
    "bfloat16, BF16, 2",
  })
  void p34ReadsUntypedStorages(String torch, DType dtype, int width) {
    TorchFile file =
        open(
            made(
                "torch._utils",
                "_rebuild_tensor_v3",
                new byte[6 * width],
                v3(torch, 6L * width, 2, 3)));
    assertThat(file.tensors()).containsExactly(new TensorInfo("t", dtype, Shape.of(2, 3)));
  }

  @Test
  void p34ReadsPairsOfHalfBytes() {
    TorchFile file =
        open(
            made(
                "torch._utils",
                "_rebuild_tensor_v3",
                new byte[6],
                v3("float4_e2m1fn_x2", 6, 2, 3)));
    assertThat(file.tensors()).containsExactly(new TensorInfo("t", DType.F4, Shape.of(2, 6)));
    assertThat(readBytes(file, file.tensors().getFirst())).hasSize(6);
  }

  @Test
  void p34RefusesLazyBits() {
    for (String bit : new String[] {"neg", "conj"}) {
      assertThat(
              refusal(made("torch._utils", "_rebuild_tensor_v2", RAMP, withBit(bit, 0x88))).line())
          .contains("'" + bit + "' bit");
    }
    open(made("torch._utils", "_rebuild_tensor_v2", RAMP, withBit("neg", FALSE)));
  }

  private static Consumer<PickleProgram> withBit(String bit, int value) {
    return a ->
        a.storage("Float", "0", 12)
            .number(0)
            .numbers(12)
            .numbers(1)
            .op(FALSE)
            .orderedDict()
            .dict(d -> d.text(bit).op(value));
  }

  @Test
  void p34RefusesTypesWithoutCounterpart() {
    byte[] complex = dict(p -> p.text("t").tensor("ComplexDouble", "0", 3, 0, dims(3), dims(1)));
    assertThat(refusal(ArchiveBuilder.checkpoint(complex, RAMP)).line())
        .contains("tensor t", "complex128");
    assertThat(
            refusal(made("torch._utils", "_rebuild_tensor_v3", RAMP, v3("qint8", 48, 48))).line())
        .contains("qint8");
    assertThat(
            refusal(made("torch._utils", "_rebuild_tensor_v3", RAMP, v3("unheard", 48, 48))).line())
        .contains("element type");
  }

  @ParameterizedTest
  @CsvSource({
    "_rebuild_qtensor, quantised",
    "_rebuild_sparse_tensor, sparse",
    "_rebuild_meta_tensor_no_storage, meta",
    "_rebuild_wrapper_subclass, subclass",
    "_rebuild_device_tensor_from_numpy, device",
  })
  void p34RefusesTensorsWithoutStridedValues(String function, String reason) {
    assertThat(refusal(made("torch._utils", function, RAMP, a -> a.number(1))).line())
        .contains("tensor t", reason);
  }

  @Test
  void p34ReadsSubclassesThroughTheirInnerTensor() {
    Consumer<PickleProgram> inner =
        a -> a.storage("Float", "0", 12).number(0).numbers(12).numbers(1).op(FALSE).orderedDict();
    TorchFile file =
        open(
            made(
                "torch._tensor",
                "_rebuild_from_type_v2",
                RAMP,
                a ->
                    a.global("torch._utils", "_rebuild_tensor_v2")
                        .global("my.pkg", "MyTensor")
                        .tuple(inner)
                        .dict(d -> {})));
    assertThat(read(file, "t")).hasSize(12);
    assertThat(
            refusal(
                    made(
                        "torch._tensor",
                        "_rebuild_from_type_v2",
                        RAMP,
                        a -> a.global("os", "system").global("x", "Y").tuple(inner).op(NONE)))
                .help()
                .orElseThrow())
        .contains("os.system");
  }

  @Test
  void readsParameters() {
    for (String function : new String[] {"_rebuild_parameter", "_rebuild_parameter_with_state"}) {
      TorchFile file =
          open(made("torch._utils", function, RAMP, a -> a.floats("0", 12).op(0x88).orderedDict()));
      assertThat(read(file, "t")).hasSize(12);
    }
    TorchFile old =
        open(made("torch.nn.parameter", "Parameter", RAMP, a -> a.floats("0", 12).op(FALSE)));
    assertThat(read(old, "t")).hasSize(12);
  }

  @Test
  void readsTensorsOfTheEarliestKind() {
    byte[] pickle =
        dict(p ->
            p.text("t")
                .global("torch", "FloatTensor")
                .op(EMPTY_TUPLE, 0x81)
                .tuple(a -> a.storage("Float", "0", 12).number(1).numbers(3).numbers(2))
                .op(BUILD)
                .text("u")
                .call(
                    "torch._utils",
                    "_rebuild_tensor",
                    a -> a.storage("Float", "0", 12).number(0).numbers(2).numbers(1)));
    TorchFile file = open(ArchiveBuilder.checkpoint(pickle, RAMP));
    assertThat(read(file, "t")).containsExactly(1, 3, 5);
    assertThat(read(file, "u")).containsExactly(0, 1);
    byte[] never = dict(p -> p.text("t").global("torch", "Tensor").op(EMPTY_TUPLE, 0x81));
    assertThat(refusal(ArchiveBuilder.checkpoint(never, RAMP)).line()).contains("never described");
  }

  @Test
  void readsParameterDicts() {
    byte[] pickle =
        dict(p ->
            p.text("params")
                .global("torch.nn.modules.container", "ParameterDict")
                .op(EMPTY_TUPLE, 0x81)
                .dict(q ->
                    q.text("training").op(0x88).text("_parameters").dict(PickleProgram::weights))
                .op(BUILD));
    assertUsualWeights(openProgram(pickle));
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuda:7", "xla:0", "meta", "privateuseone", "mps"})
  void p35IgnoresTheDevice(String device) {
    byte[] pickle = dict(PickleProgram::weights);
    String text = new String(pickle, StandardCharsets.ISO_8859_1);
    String length = new String(new char[] {'X', (char) device.length(), 0, 0, 0});
    String moved = text.replace("X\u0003\u0000\u0000\u0000cpu", length + device);
    assertUsualWeights(openProgram(moved.getBytes(StandardCharsets.ISO_8859_1)));
  }

  @Test
  void p36RefusesOneStorageAsTwoTypes() {
    assertRefused(
        dict(p -> p.weights().text("c").tensor("Half", "0", 2, 0, dims(2), dims(1))), "storage");
    assertRefused(
        dict(p -> p.weights().text("c").tensor("Half", "0", 4, 0, dims(2), dims(1))),
        "another type");
  }

  @Test
  void acceptsSizesAndStridesAsLists() {
    TorchFile file =
        open(
            made(
                "torch._utils",
                "_rebuild_tensor_v2",
                RAMP,
                a ->
                    a.storage("Float", "0", 12)
                        .number(0)
                        .op(EMPTY_LIST, MARK)
                        .number(3)
                        .op('e')
                        .call("torch", "Size", s -> s.numbers(2))
                        .op(FALSE, NONE)));
    assertThat(read(file, "t")).containsExactly(0, 2, 4);
  }

  @Test
  void refusesSizesThatAreNotNumbers() {
    for (Consumer<PickleProgram> size :
        List.<Consumer<PickleProgram>>of(
            p -> p.op(NONE),
            p -> p.tuple(q -> q.text("2")),
            p -> p.tuple(q -> q.op(0x88)),
            p -> p.tuple(q -> q.raw("L99999999999999999999L\n")))) {
      assertThat(
              refusal(
                      made(
                          "torch._utils",
                          "_rebuild_tensor_v2",
                          RAMP,
                          a ->
                              a.storage("Float", "0", 12)
                                  .number(0)
                                  .also(size)
                                  .numbers(1)
                                  .op(FALSE, NONE)))
                  .line())
          .contains("not made of numbers");
    }
  }
}
