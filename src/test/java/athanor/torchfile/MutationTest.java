package athanor.torchfile;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.file.InputFile;
import athanor.tensor.TensorInfo;
import athanor.testkit.Gen;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small valid files, damaged at random: whatever happens is a refusal with a message, or a file
 * that can be read to its end. Never another exception, never a hang.
 */
@Tag("hostile")
class MutationTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @TempDir Path folder;

  private int files;

  @Test
  void everySeedIsReadOrRefusedWithAMessage() {
    for (byte[] seed : pickleSeeds()) {
      accept(seed, MutationTest::runPickle);
    }
    for (byte[] seed : archiveSeeds()) {
      openZip(seed);
    }
    openLegacy(TorchLegacyFileTest.honestFile());
  }

  @Test
  void damagedArchivesAreRefusedOrRead() {
    mutate("archives", archiveSeeds(), 6000, this::openZip);
  }

  @Test
  void damagedPicklesAreRefusedOrRead() {
    mutate("pickles", pickleSeeds(), 60_000, MutationTest::runPickle);
  }

  @Test
  void damagedOldFilesAreRefusedOrRead() {
    mutate("old files", List.of(TorchLegacyFileTest.honestFile()), 4000, this::openLegacy);
  }

  /** Archives of every flavour; the last has no checksums, so that damage reaches the pickle. */
  static List<byte[]> archiveSeeds() {
    return List.of(
        archive().bytes(),
        archive().with(a -> a.zip64 = true).changeAll(e -> e.descriptor = true).bytes(),
        archive().change("archive/data.pkl", ArchiveBuilder.Entry::deflate).bytes(),
        archive().changeAll(e -> e.crc = 0).bytes());
  }

  private static ArchiveBuilder archive() {
    return ArchiveBuilder.checkpoint(
        TorchFileTestCase.dict(PickleProgram::weights), TorchFileTestCase.A, TorchFileTestCase.B);
  }

  /** Programs with every opcode that occurs in checkpoints. */
  static List<byte[]> pickleSeeds() {
    return List.of(
        TorchFileTestCase.dict(PickleProgram::weights),
        TorchFileTestCase.dict(
            p -> p.text("state_dict").dict(PickleProgram::weights).text("epoch").number(70_000)),
        TorchFileTestCase.dict(
            p -> p.weights().text("x").call("my.pkg", "C", a -> a.number(1)).op('N', 'b')),
        PickleProgram.empty()
            .op(0x80, 4, '}', 0x94, 0x8C, 1, 'k', 0x94, ']', 0x94, '(', 'K', 1, 'N', 0x88, 'e')
            .op('s', 0x8C, 1, 'z', 0x8F, '(', 'K', 1, 0x90, 's', 'h', 1, 'G')
            .raw(new byte[8])
            .op('s')
            .stop(),
        PickleProgram.empty()
            .raw("(dS'a'\nI5\nsVb\nL7L\nsS'c'\n(lp0\nI01\naF1.5\nasS'd'\n(I1\ntp1\ns.")
            .bytes());
  }

  private void mutate(String what, List<byte[]> seeds, int rounds, Consumer<byte[]> property) {
    Gen gen = Gen.seeded("damaged " + what);
    for (int round = 0; round < rounds; round++) {
      byte[] damaged = damage(gen, seeds.get(gen.between(0, seeds.size() - 1)), seeds);
      long start = System.nanoTime();
      try {
        accept(damaged, property);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("round " + round + ": " + HexFormat.of().formatHex(damaged), e);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LIMIT);
    }
  }

  /** Runs a property that may refuse the bytes, but only with a proper message. */
  static void accept(byte[] bytes, Consumer<byte[]> property) {
    try {
      property.accept(bytes);
    } catch (AthanorException e) {
      assertThat(e.problem().kind()).isIn(Kind.BAD_FILE, Kind.INCOMPATIBLE);
      assertThat(e.problem().where()).isPresent();
    }
  }

  private static byte[] damage(Gen gen, byte[] seed, List<byte[]> seeds) {
    byte[] bytes = seed.clone();
    int times = gen.between(1, 4);
    for (int i = 0; i < times && bytes.length > 0; i++) {
      int at = gen.between(0, bytes.length - 1);
      switch (gen.between(0, 6)) {
        case 0 -> bytes[at] ^= (byte) (1 << gen.between(0, 7));
        case 1 -> bytes[at] = (byte) gen.anyLong();
        case 2 -> bytes[at] = gen.oneOf((byte) 0, (byte) -1, (byte) 127, (byte) -128);
        case 3 -> bytes = Arrays.copyOf(bytes, at);
        case 4 -> {
          int end = gen.between(at, Math.min(bytes.length, at + 20));
          bytes = splice(bytes, at, end, new byte[0]);
        }
        case 5 -> {
          byte[] other = seeds.get(gen.between(0, seeds.size() - 1));
          int from = gen.between(0, other.length - 1);
          int to = gen.between(from, Math.min(other.length, from + 30));
          bytes = splice(bytes, at, at, Arrays.copyOfRange(other, from, to));
        }
        default -> {
          for (int k = at; k < Math.min(bytes.length, at + 4); k++) {
            bytes[k] = -1;
          }
        }
      }
    }
    return bytes;
  }

  private static byte[] splice(byte[] bytes, int from, int to, byte[] inserted) {
    byte[] result = new byte[bytes.length - (to - from) + inserted.length];
    System.arraycopy(bytes, 0, result, 0, from);
    System.arraycopy(inserted, 0, result, from, inserted.length);
    System.arraycopy(bytes, to, result, from + inserted.length, bytes.length - to);
    return result;
  }

  static void runPickle(byte[] pickle) {
    var account = new PickleAccount("fuzz");
    var in = new PickleInput(new ByteArrayInputStream(pickle), 0, pickle.length, account);
    PickleValue root = new PickleMachine(in, account, new StorageIds(account, false)).run();
    new StateDictSearch(account).find(root);
  }

  private void openZip(byte[] bytes) {
    Path path = write(bytes);
    try (InputFile file = InputFile.open(path)) {
      readAll(TorchZipFile.open(file));
    } finally {
      remove(path);
    }
  }

  private void openLegacy(byte[] bytes) {
    Path path = write(bytes);
    try (InputFile file = InputFile.open(path)) {
      readAll(TorchLegacyFile.open(file));
    } finally {
      remove(path);
    }
  }

  static void readAll(TorchFile file) {
    for (TensorInfo tensor : file.tensors()) {
      byte[] values = new byte[Math.toIntExact(tensor.byteSize())];
      file.read(tensor, 0, MemorySegment.ofArray(values));
    }
    assertThat(file.notes().sentences()).isNotNull();
  }

  /** A new file each time: some file systems wait for the disk when one is overwritten. */
  private Path write(byte[] bytes) {
    try {
      return Files.write(folder.resolve("damaged" + files++ + ".ckpt"), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void remove(Path path) {
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
