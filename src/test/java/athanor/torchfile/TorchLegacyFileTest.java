package athanor.torchfile;

import static athanor.torchfile.PickleProgram.EMPTY_DICT;
import static athanor.torchfile.PickleProgram.EMPTY_LIST;
import static athanor.torchfile.PickleProgram.FALSE;
import static athanor.torchfile.PickleProgram.MARK;
import static athanor.torchfile.PickleProgram.NONE;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.Problem;
import athanor.tensor.Container;
import athanor.torchfile.pickle.DangerousName;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("hostile")
@Timeout(10)
class TorchLegacyFileTest extends TorchFileTestCase {
  private static final byte[] MAGIC = HexFormat.of().parseHex("80028a0a6cfc9c46f9206aa850192e");
  private static final byte[] PROTOCOL = PickleProgram.begin().op('M', 0xE9, 3).stop();
  private static final byte[] SYSTEM =
      dict(p -> p.text("protocol_version").number(1001).text("little_endian").op(0x88));

  /** The five pickles and the storages of a file of the old format; each part can be replaced. */
  private static final class Legacy {
    byte[] magic = MAGIC;
    byte[] protocol = PROTOCOL;
    byte[] system = SYSTEM;
    byte[] object = dict(p -> p.text("a").also(floats("10", 2)).text("b").also(floats("9", 2)));
    byte[] keys = keys("10", "9");
    byte[] storages = join(storage(2, A), storage(2, B));

    byte[] bytes() {
      return join(magic, protocol, system, object, keys, storages);
    }

    Legacy with(Consumer<Legacy> change) {
      change.accept(this);
      return this;
    }
  }

  /** A file as PyTorch writes it. */
  static byte[] honestFile() {
    return new Legacy().bytes();
  }

  private static Consumer<PickleProgram> floats(String key, long length) {
    return tensor(key, length, p -> p.op(NONE), length);
  }

  private static Consumer<PickleProgram> tensor(
      String key, long length, Consumer<PickleProgram> view, long size) {
    return p ->
        p.call(
            "torch._utils",
            "_rebuild_tensor_v2",
            a ->
                a.tuple(q ->
                        q.text("storage")
                            .global("torch", "FloatStorage")
                            .text(key)
                            .text("cpu")
                            .number(length)
                            .also(view))
                    .op('Q')
                    .number(0)
                    .numbers(size)
                    .numbers(1)
                    .op(FALSE)
                    .orderedDict());
  }

  private static byte[] keys(String... keys) {
    PickleProgram program = PickleProgram.begin().op(EMPTY_LIST, MARK);
    for (String key : keys) {
      program.text(key);
    }
    return program.op('e').stop();
  }

  private static byte[] storage(long length, byte[] values) {
    return join(ArchiveBuilder.littleEndian(8).putLong(length).array(), values);
  }

  private static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private TorchFile openLegacy(Legacy legacy) {
    return TorchLegacyFile.open(file(legacy.bytes()));
  }

  private void assertRefused(Consumer<Legacy> change, String words) {
    assertThat(refusedLegacy(new Legacy().with(change).bytes()).line()).contains(words);
  }

  @Test
  void l01ReadsAnHonestFile() {
    TorchFile file = openLegacy(new Legacy());
    assertUsualWeights(file);
    assertThat(file.container()).isEqualTo(Container.TORCH_LEGACY);
    assertThat(file.notes().sentences()).isEmpty();
    assertThat(file.range(file.find("b").orElseThrow())).isPresent();
  }

  @Test
  void l01ReadsSharedStoragesAndStorageViews() {
    Consumer<PickleProgram> view = p -> p.tuple(q -> q.text("99").number(1).number(1));
    TorchFile file =
        openLegacy(
            new Legacy()
                .with(l ->
                    l.object =
                        dict(p ->
                            p.text("a")
                                .also(floats("10", 2))
                                .text("tied")
                                .also(floats("10", 2))
                                .text("b")
                                .also(floats("9", 2))
                                .text("part")
                                .also(tensor("9", 2, view, 1)))));
    assertThat(read(file, "tied")).containsExactly(1, 2);
    assertThat(read(file, "b")).containsExactly(3, 4);
    assertThat(read(file, "part")).containsExactly(4);
  }

  @Test
  void l01RefusesStorageViewsBeyondTheirPart() {
    for (long[] part : new long[][] {{1, 2}, {2, 1}, {0, 0}, {Long.MAX_VALUE, 1}}) {
      Consumer<PickleProgram> view =
          p -> p.tuple(q -> q.text("99").number(part[0]).number(part[1]));
      assertRefused(
          l ->
              l.object =
                  dict(p ->
                      p.text("a").also(floats("10", 2)).text("b").also(tensor("9", 2, view, 1))),
          "tensor b");
    }
    assertRefused(
        l -> l.object = dict(p -> p.text("a").also(tensor("10", 2, q -> q.number(1), 2))),
        "storage view");
  }

  @Test
  void l02RefusesLengthsThatAreNotTheStatedOnes() {
    for (long length : new long[] {-1, 0, 1, 3, 1L << 62, Long.MIN_VALUE}) {
      assertRefused(l -> l.storages = join(storage(length, A), storage(2, B)), "another length");
    }
    long huge = 1L << 59;
    assertRefused(
        l -> {
          l.object = dict(p -> p.text("a").also(floats("10", huge)).text("b").also(floats("9", 2)));
          l.storages = join(storage(huge, A), storage(2, B));
        },
        "cut off");
  }

  @Test
  void l02RefusesKeysThatDoNotMatch() {
    assertRefused(l -> l.keys = keys("10", "10"), "twice");
    assertRefused(l -> l.keys = keys("10"), "missing");
    assertRefused(l -> l.keys = keys("10", "9", "8"), "unknown");
    assertRefused(l -> l.keys = PickleProgram.begin().number(1).stop(), "a number");
    assertRefused(
        l -> l.keys = PickleProgram.begin().op(EMPTY_LIST).number(9).op('a').stop(), "unknown");
  }

  @Test
  void l02RefusesOneStorageAsTwo() {
    assertRefused(
        l -> l.object = dict(p -> p.text("a").also(floats("9", 2)).text("b").also(floats("9", 3))),
        "two different");
  }

  @Test
  void l03RefusesOtherMachinesAndVersions() {
    assertRefused(l -> l.system = dict(p -> p.text("little_endian").op(FALSE)), "big-endian");
    assertRefused(l -> l.system = dict(p -> p.text("x").op(FALSE)), "byte order");
    assertRefused(l -> l.system = PickleProgram.begin().op(EMPTY_LIST).stop(), "byte order");
    assertRefused(l -> l.protocol = PickleProgram.begin().op('M', 0xEA, 3).stop(), "version");
    byte[] offByOne = MAGIC.clone();
    offByOne[4]++;
    assertRefused(l -> l.magic = offByOne, "not a PyTorch checkpoint");
    assertRefused(l -> l.magic = PickleProgram.begin().op(EMPTY_DICT).stop(), "not a PyTorch");
  }

  @Test
  void p14RefusesAMagicNumberThatIsComputed() {
    byte[] computed =
        PickleProgram.begin()
            .call("builtins", "eval", a -> a.text("0x1950a86a20f9469cfc6c"))
            .stop();
    Problem problem = refusedLegacy(new Legacy().with(l -> l.magic = computed).bytes());
    assertThat(problem.line()).contains("not a PyTorch checkpoint");
    assertThat(problem.help().orElseThrow()).contains("builtins.eval");
  }

  @Test
  void l04RefusesAFileThatIsCutOffAnywhere() {
    byte[] whole = new Legacy().bytes();
    for (int length = 0; length < whole.length; length++) {
      refusedLegacy(Arrays.copyOf(whole, length));
    }
  }

  @Test
  void l04WarnsOfTrailingBytes() {
    TorchFile file = openLegacy(new Legacy().with(l -> l.storages = join(l.storages, A)));
    assertUsualWeights(file);
    assertThat(file.notes().warnings())
        .containsExactly("8 bytes after the last storage were ignored");
  }

  @Test
  void l05RefusesWhatIsNoPickle() {
    refusedLegacy(new byte[4096]);
    byte[] tar = new byte[1024];
    System.arraycopy("sys_info".getBytes(StandardCharsets.US_ASCII), 0, tar, 0, 8);
    System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
    refusedLegacy(tar);
    refusedLegacy(ArchiveBuilder.checkpoint(dict(PickleProgram::weights), A, B).bytes());
  }

  @Test
  void l05RefusesABarePickle() {
    assertThat(refusedLegacy(dict(p -> p.text("x").number(1))).line())
        .contains("a pickle, but not a PyTorch checkpoint");
  }

  @Test
  void refusesArchiveReferencesInOldFiles() {
    assertRefused(
        l -> l.object = dict(p -> p.text("a").storage("Float", "10", 2)), "5 items, not 6");
  }

  @Test
  void listsDangerousNamesWithTheirPlaceInTheFile() {
    Legacy legacy =
        new Legacy()
            .with(l ->
                l.object =
                    dict(p ->
                        p.text("state_dict")
                            .dict(q ->
                                q.text("a").also(floats("10", 2)).text("b").also(floats("9", 2)))
                            .text("x")
                            .call("os", "system", a -> a.text("id"))));
    TorchFile file = openLegacy(legacy);
    assertUsualWeights(file);
    byte[] bytes = legacy.bytes();
    int position = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("cos\nsystem");
    assertThat(file.notes().dangerousNames())
        .containsExactly(new DangerousName("os.system", position));
  }
}
