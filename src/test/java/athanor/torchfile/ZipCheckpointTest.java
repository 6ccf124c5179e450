package athanor.torchfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.file.FileRange;
import athanor.file.InputFile;
import athanor.file.OutputTarget;
import athanor.progress.Cancellation;
import athanor.tensor.Container;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives: honest ones in all flavours, and broken and lying ones. */
@Tag("hostile")
@Timeout(10)
class ZipCheckpointTest extends TorchFileTestCase {
  private static final byte[] PICKLE = dict(PickleProgram::weights);

  private static ArchiveBuilder honest() {
    return ArchiveBuilder.checkpoint(PICKLE, A, B);
  }

  private static ArchiveBuilder storage(Consumer<ArchiveBuilder.Entry> change) {
    return honest().change("archive/data/0", change);
  }

  private static ArchiveBuilder pickle(Consumer<ArchiveBuilder.Entry> change) {
    return honest().change("archive/data.pkl", change);
  }

  @Test
  void readsAnHonestCheckpoint() {
    TorchFile file = open(honest());
    assertUsualWeights(file);
    assertThat(file.container()).isEqualTo(Container.TORCH_ZIP);
    assertThat(file.metadata()).isEmpty();
    assertThat(file.notes().sentences()).isEmpty();
    assertThat(file.find("c")).isEmpty();
  }

  @Test
  void tellsWhereThePackedValuesLie() {
    TorchFile file = open(honest());
    TensorInfo b = file.find("b").orElseThrow();
    FileRange range = file.range(b).orElseThrow();
    assertThat(range.length()).isEqualTo(8);
    assertThat(file.files().getFirst().readBytes(range.position(), 8)).isEqualTo(B);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
  void z01RefusesAFileThatIsCutOff(int sixteenths) {
    byte[] whole = honest().bytes();
    refusal(Arrays.copyOf(whole, whole.length * sixteenths / 16));
  }

  @Test
  void z01RefusesAFileWithoutItsLastByte() {
    byte[] whole = honest().bytes();
    assertThat(refusal(Arrays.copyOf(whole, whole.length - 1)).line()).contains("cut off");
    assertThat(refusal(Arrays.copyOf(whole, 100)).line()).contains("cut off");
  }

  @Test
  void z01RecognisesADownloadThatWasOnlyPreallocated() {
    byte[] whole = honest().bytes();
    byte[] half = Arrays.copyOf(Arrays.copyOf(whole, whole.length / 2), whole.length + 5000);
    assertThat(refusal(half).line()).contains("interrupted download");
  }

  @Test
  void z02AcceptsAFewTrailingBytesWithAWarning() {
    TorchFile file = open(honest().with(a -> a.tail = new byte[10]));
    assertUsualWeights(file);
    assertThat(file.notes().warnings())
        .containsExactly("10 bytes after the end of the archive were ignored");
  }

  @Test
  void z02RefusesManyTrailingBytes() {
    refusal(honest().with(a -> a.tail = new byte[70_000]));
  }

  @Test
  void z02RefusesLeadingBytes() {
    assertThat(refusal(honest().with(a -> a.head = new byte[10])).line()).contains("byte 0");
  }

  @Test
  void z03RefusesTwoPickles() {
    byte[] other = dict(p -> p.text("a").floats("1", 2));
    assertThat(refusal(honest().add("archive/data.pkl", other)).line()).contains("twice");
    assertThat(refusal(honest().add("other/data.pkl", other)).line()).contains("another data.pkl");
  }

  @Test
  void z04RefusesTwoStoragesOfOneName() {
    assertThat(refusal(honest().add("archive/data/0", B)).line()).contains("twice");
    assertThat(refusal(honest().add("archive/Data/0", B)).line()).contains("twice");
    assertThat(refusal(honest().add("archive/data\\0", B)).line()).contains("twice");
  }

  @Test
  void z05RefusesALocalHeaderThatContradictsTheDirectory() {
    byte[] otherName = "archive/data/9".getBytes(StandardCharsets.US_ASCII);
    assertThat(refusal(storage(e -> e.localName = otherName)).line()).contains("contradicts");
    assertThat(refusal(storage(e -> e.localFlags = 0x0801)).line()).contains("contradicts");
    assertThat(refusal(storage(e -> e.localMethod = 8)).line()).contains("contradicts");
  }

  @Test
  void z05RefusesALocalSizeThatContradictsTheDirectory() {
    byte[] bytes = honest().bytes();
    int header = indexOf(bytes, "archive/data/0") - 30;
    ByteBuffer.wrap(bytes).put(header + 22, (byte) 4);
    assertThat(refusal(bytes).line()).contains("contradicts");
  }

  @Test
  void z06RefusesSizesAndPlacesOutsideOfTheFile() {
    refusal(
        storage(e -> {
          e.size = 1_000_000_000;
          e.storedSize = 1_000_000_000;
        }));
    assertThat(refusal(storage(e -> e.offset = 1_000_000_000)).line()).contains("outside");
    refusal(storage(e -> e.offset = 0));
    assertThat(refusal(storage(e -> e.offset = honest().bytes().length - 60)).line())
        .contains("archive");
  }

  @Test
  void z06RefusesEntriesThatShareBytes() {
    byte[] inner = ArchiveBuilder.checkpoint(PICKLE, A, B).bytes();
    int shared = indexOf(inner, "archive/data/0") - 30;
    ArchiveBuilder archive = ArchiveBuilder.checkpoint(PICKLE, A, B);
    archive.add("archive/data/0x", A, e -> e.offset = shared);
    assertThat(refusal(archive).line()).contains("contradicts");
    ArchiveBuilder wide = ArchiveBuilder.checkpoint(PICKLE, A, B);
    wide.change(
        "archive/data/0",
        e -> {
          e.descriptor = true;
          e.size = 28;
          e.storedSize = 28;
        });
    assertThat(refusal(wide).line()).contains("overlaps");
  }

  @Test
  void z07RefusesAnEndThatLies() {
    refusal(honest().with(a -> a.entryCount = 65_000));
    refusal(honest().with(a -> a.entryCount = 3));
    refusal(honest().with(a -> a.directoryShift = 1));
    refusal(honest().with(a -> a.directorySizeShift = -46));
    refusal(honest().with(a -> a.directorySizeShift = 0x7000_0000));
  }

  @Test
  void z07TakesTheOneOfTwoEndsThatFits() {
    byte[] once = honest().bytes();
    byte[] end = Arrays.copyOfRange(once, once.length - 22, once.length);
    TorchFile file = open(honest().with(a -> a.tail = end));
    assertUsualWeights(file);
    assertThat(file.notes().warnings()).singleElement().asString().contains("22 bytes");
  }

  @Test
  void z07RefusesASecondConsistentArchiveInTheComment() {
    byte[] first = honest().bytes();
    var second = ArchiveBuilder.checkpoint(PICKLE, B, A);
    second.head = first;
    byte[] appended = second.bytes();
    int firstEnd = first.length - 22;
    byte[] patched = appended.clone();
    ByteBuffer.wrap(patched)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort(firstEnd + 20, (short) (appended.length - first.length));
    assertThat(refusal(patched).line()).contains("two directories");
  }

  @Test
  void z07FindsTheOneEndBesideItsLookalikeInAComment() {
    byte[] lookalike = {0x50, 0x4b, 5, 6, 0, 0, 0, 0, 9, 0, 9, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 7};
    assertUsualWeights(open(honest().with(a -> a.comment = lookalike)));
  }

  @Test
  void z08RefusesA64BitFieldThatIsCutOffOrDoubledOrNegative() {
    byte[] cut = {1, 0, 8, 0, 1, 2, 3};
    assertThat(refusal(storage(e -> e.extra = cut)).line()).contains("extra field");
    byte[] twice = {1, 0, 0, 0, 1, 0, 0, 0};
    assertThat(refusal(storage(e -> e.extra = twice)).line()).contains("extra field");
    assertThat(
            refusal(
                    storage(e -> {
                      e.size = 0xFFFF_FFFFL;
                      e.storedSize = 0xFFFF_FFFFL;
                    }))
                .line())
        .contains("unsound");
    byte[] negative =
        ArchiveBuilder.littleEndian(20)
            .putShort((short) 1)
            .putShort((short) 16)
            .putLong(Long.MIN_VALUE)
            .putLong(Long.MIN_VALUE)
            .array();
    assertThat(
            refusal(
                    storage(e -> {
                      e.size = 0xFFFF_FFFFL;
                      e.storedSize = 0xFFFF_FFFFL;
                      e.extra = negative;
                    }))
                .line())
        .contains("range");
  }

  @Test
  void z08Takes64BitValuesWhereTheDirectoryRefersToThem() {
    byte[] sizes =
        ArchiveBuilder.littleEndian(20)
            .putShort((short) 1)
            .putShort((short) 16)
            .putLong(8)
            .putLong(8)
            .array();
    assertUsualWeights(
        open(
            storage(e -> {
              e.size = 0xFFFF_FFFFL;
              e.storedSize = 0xFFFF_FFFFL;
              e.extra = sizes;
            })));
    int header = indexOf(honest().bytes(), "archive/data/0") - 30;
    byte[] place =
        ArchiveBuilder.littleEndian(12)
            .putShort((short) 1)
            .putShort((short) 8)
            .putLong(header)
            .array();
    assertUsualWeights(
        open(
            storage(e -> {
              e.offset = 0xFFFF_FFFFL;
              e.extra = place;
            })));
  }

  @Test
  void z08RefusesAWideEndThatDisagrees() {
    assertUsualWeights(open(honest().with(a -> a.zip64 = true)));
    refusal(
        honest()
            .with(a -> {
              a.zip64 = true;
              a.zip64Shift = 1;
            }));
  }

  @Test
  void z09AcceptsADeflatedPickle() {
    assertUsualWeights(open(pickle(ArchiveBuilder.Entry::deflate)));
  }

  @Test
  void z10RefusesABombBeforeInflatingIt() {
    byte[] zeros = new byte[8 << 20];
    byte[] bomb = PickleProgram.begin().raw(zeros).stop();
    ArchiveBuilder archive = ArchiveBuilder.checkpoint(bomb, A, B);
    archive.change("archive/data.pkl", ArchiveBuilder.Entry::deflate);
    assertThat(refusal(archive).line()).contains("inflates beyond all reason");
    assertThat(
            refusal(
                    pickle(e -> {
                      e.deflate();
                      e.size = 0xFFFF_FFF0L;
                    }))
                .line())
        .contains("too long");
    assertThat(
            refusal(
                    pickle(e -> {
                      e.deflate();
                      e.descriptor = true;
                      e.size = 0x7FFF_FFF0L;
                    }))
                .line())
        .contains("too long");
  }

  @Test
  void z11RefusesAPickleThatInflatesToAnotherSize() {
    for (int difference : new int[] {-1, 1}) {
      assertThat(
              refusal(
                      pickle(e -> {
                        e.deflate();
                        e.descriptor = true;
                        e.size = PICKLE.length + difference;
                      }))
                  .line())
          .contains("another size");
    }
  }

  @Test
  void z11RefusesCompressedWeights() {
    Problem problem = refusal(storage(ArchiveBuilder.Entry::deflate));
    assertThat(problem.line()).contains("archive/data/0", "compressed");
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 12, 14, 93, 99})
  void z12RefusesUnknownCompression(int method) {
    assertThat(refusal(storage(e -> e.method = method)).line()).contains("unknown way " + method);
    assertThat(refusal(pickle(e -> e.method = method)).line()).contains("unknown way " + method);
  }

  @Test
  void z12RefusesEncryption() {
    assertThat(refusal(storage(e -> e.flags |= 1)).line()).contains("encrypted");
  }

  @Test
  void z13RefusesAPickleWithAWrongChecksum() {
    assertThat(refusal(pickle(e -> e.crc = 1)).line()).contains("checksum");
    assertThat(
            refusal(
                    pickle(e -> {
                      e.deflate();
                      e.crc = 1;
                    }))
                .line())
        .contains("checksum");
  }

  @Test
  void z13AcceptsChecksumsThatWereNotComputed() {
    assertUsualWeights(open(honest().changeAll(e -> e.crc = 0)));
  }

  @Test
  void z13FindsWrongChecksumsOfWeightsOnDemand() {
    TorchZipFile damaged = TorchZipFile.open(file(storage(e -> e.crc = 1).bytes()));
    assertThat(damaged.damagedStorages(new Cancellation())).containsExactly("archive/data/0");
    assertThat(TorchZipFile.open(file(honest().bytes())).damagedStorages(new Cancellation()))
        .isEmpty();
    byte[] uncomputed = honest().changeAll(e -> e.crc = 0).bytes();
    assertThat(TorchZipFile.open(file(uncomputed)).damagedStorages(new Cancellation())).isEmpty();
  }

  @Test
  void z14AcceptsAMissingVersionWithAWarning() {
    var archive =
        new ArchiveBuilder()
            .add("archive/data.pkl", PICKLE)
            .add("archive/data/0", A)
            .add("archive/data/1", B);
    TorchFile file = open(archive);
    assertUsualWeights(file);
    assertThat(file.notes().warnings()).singleElement().asString().contains("version");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "11", "x", "", "3 3", "-1", "٣"})
  void z14RefusesUnknownVersions(String version) {
    var archive =
        new ArchiveBuilder()
            .add("archive/data.pkl", PICKLE)
            .add("archive/data/0", A)
            .add("archive/data/1", B)
            .add("archive/version", version.getBytes(StandardCharsets.UTF_8));
    assertThat(refusal(archive).line()).contains("version");
  }

  @ParameterizedTest
  @ValueSource(strings = {"big", "middle", ""})
  void z15RefusesForeignByteOrders(String order) {
    byte[] bytes = order.getBytes(StandardCharsets.US_ASCII);
    assertThat(refusal(honest().add("archive/byteorder", bytes)).line())
        .containsAnyOf("big-endian", "byte order");
  }

  @Test
  void z15RefusesAByteOrderRecordThatIsABomb() {
    assertThat(refusal(honest().add("archive/byteorder", new byte[10_000])).line())
        .contains("too long");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "модель", "archive", "x.y.z", "."})
  void z16AcceptsAnyPlainRoot(String root) {
    assertUsualWeights(open(ArchiveBuilder.checkpointUnder(root, PICKLE, A, B)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "", "x/y", "/abs", "C:", "a\u0001b"})
  void z16RefusesOtherRoots(String root) {
    refusal(ArchiveBuilder.checkpointUnder(root, PICKLE, A, B));
  }

  @Test
  void z16IgnoresWhatLiesBesideTheRoot() {
    TorchFile file = open(honest().add("__MACOSX/._data", A).add("readme.txt", A));
    assertUsualWeights(file);
    assertThat(file.notes().warnings()).singleElement().asString().contains("2 archive entries");
  }

  @Test
  void z16RefusesAnArchiveWithoutAFolder() {
    refusal(new ArchiveBuilder().add("data.pkl", PICKLE).add("data/0", A).add("version", B));
  }

  @Test
  void z17CreatesNoFileWhateverTheNames() throws IOException {
    ArchiveBuilder archive =
        honest()
            .add("archive/../../etc/cron.d/x", A)
            .add("/etc/passwd2", A)
            .add("archive/nul\0name", A)
            .add("a".repeat(65_535), A);
    TorchFile file = open(archive);
    assertUsualWeights(file);
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).hasSize(1);
    }
  }

  @Test
  void z17RefusesSymbolicLinks() {
    assertThat(
            refusal(
                    storage(e -> {
                      e.madeBy = 3;
                      e.externalAttributes = 0120777 << 16;
                    }))
                .line())
        .contains("symbolic link");
  }

  @Test
  void z18ReadsSeventyThousandEntries() {
    var program = PickleProgram.begin().op(PickleProgram.EMPTY_DICT, PickleProgram.MARK);
    var archive = new ArchiveBuilder();
    int count = 70_000;
    for (int i = 0; i < count; i++) {
      program.text("k" + i).floats(Integer.toString(i), 1);
    }
    archive.add("archive/data.pkl", program.op(PickleProgram.SETITEMS).stop());
    for (int i = 0; i < count; i++) {
      archive.add("archive/data/" + i, floats(i));
    }
    archive.zip64 = true;
    TorchFile file = open(archive);
    assertThat(file.tensors()).hasSize(count);
    assertThat(read(file, "k69999")).containsExactly(69_999);
  }

  @Test
  void z19SaysWhatOtherArchivesAre() {
    assertThat(refusal(honest().add("archive/constants.pkl", A)).line()).contains("TorchScript");
    assertThat(refusal(honest().add("archive/code/x.py", A)).line()).contains("TorchScript");
    assertThat(refusal(new ArchiveBuilder().add("a.npy", A)).line()).contains("NumPy");
    assertThat(refusal(new ArchiveBuilder().add("META-INF/MANIFEST.MF", A)).line())
        .contains("Java");
    assertThat(refusal(new ArchiveBuilder().add("[Content_Types].xml", A)).line())
        .contains("office");
    assertThat(refusal(new ArchiveBuilder().add("x/model.safetensors", A)).line())
        .contains("models inside");
    assertThat(refusal(new ArchiveBuilder().add("x/model_index.json", A)).line())
        .contains("diffusers");
    assertThat(refusal(new ArchiveBuilder().add("holiday/1.jpg", A)).line())
        .contains("holiday/1.jpg");
  }

  @Test
  void z20RefusesStoragesOfAnotherSizeThanStated() {
    assertThat(refusal(ArchiveBuilder.checkpoint(PICKLE, A, floats(3))).line())
        .contains("found 4 bytes (expected: 8)");
    assertThat(refusal(ArchiveBuilder.checkpoint(PICKLE, A, floats(3, 4, 5))).line())
        .contains("found 12 bytes (expected: 8)");
  }

  @Test
  void z21AcceptsEveryHonestFlavour() {
    assertUsualWeights(open(honest().changeAll(e -> e.descriptor = true)));
    assertUsualWeights(open(honest().changeAll(e -> e.align = 64)));
    assertUsualWeights(open(honest().with(a -> a.zip64 = true)));
    assertUsualWeights(
        open(
            honest()
                .add("archive/byteorder", "little".getBytes(StandardCharsets.US_ASCII))
                .add("archive/.format_version", "1".getBytes(StandardCharsets.US_ASCII))
                .add("archive/.storage_alignment", "64".getBytes(StandardCharsets.US_ASCII))
                .add("archive/.data/serialization_id", new byte[40])));
  }

  @Test
  void z22ReadsBehindFourGigabytes() throws IOException {
    Path path = folder.resolve("large.ckpt");
    long elements = 1_100_000_000L;
    var tensors =
        List.of(
            new TensorInfo("large", DType.F32, Shape.of(elements)),
            new TensorInfo("small", DType.F32, Shape.of(2)));
    TorchLayout layout = TorchLayout.stateDict(tensors);
    try (var output = OutputTarget.of(path, false).open()) {
      layout.writeFrame(output, new int[2]);
      output.write(layout.position(1), ByteBuffer.wrap(B));
      output.finish(layout.size());
    }
    try (var input = InputFile.open(path);
        TorchFile file = TorchZipFile.open(input)) {
      assertThat(file.tensors()).containsExactlyElementsOf(tensors);
      assertThat(read(file, "small")).containsExactly(3, 4);
      byte[] last = new byte[4];
      file.read(tensors.getFirst(), 4 * elements - 4, MemorySegment.ofArray(last));
      assertThat(last).containsOnly(0);
    }
  }

  @Test
  void noticesAFileThatShrinksWhileItIsRead() throws IOException {
    TorchFile file = open(honest());
    try (var channel =
        Files.newByteChannel(folder.resolve("model0.ckpt"), StandardOpenOption.WRITE)) {
      channel.truncate(40);
    }
    assertThatThrownBy(() -> read(file, "b"))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("changed while it was read");
  }

  private static int indexOf(byte[] bytes, String name) {
    return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(name);
  }
}
