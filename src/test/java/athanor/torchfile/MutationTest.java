package athanor.torchfile;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.file.InputFile;
import athanor.tensor.TensorInfo;
import athanor.testkit.Mutation;
import athanor.torchfile.pickle.PickleFindings;
import athanor.torchfile.pickle.PickleInput;
import athanor.torchfile.pickle.PickleMachine;
import athanor.torchfile.pickle.PickleValue;
import athanor.torchfile.pickle.StorageIds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small valid files, damaged at random: whatever happens is a refusal with a message, or a file
 * that can be read to its end. Never another exception, never a hang.
 */
@Tag("hostile")
class MutationTest {
  @TempDir Path folder;

  private int files;

  @Test
  void damagedArchivesAreRefusedOrRead() {
    Mutation.check("archives", archiveSeeds(), 6000, this::openZip);
  }

  @Test
  void damagedPicklesAreRefusedOrRead() {
    Mutation.check("pickles", pickleSeeds(), 60_000, MutationTest::runPickle);
  }

  @Test
  void damagedOldFilesAreRefusedOrRead() {
    Mutation.check("old files", List.of(TorchLegacyFileTest.honestFile()), 4000, this::openLegacy);
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

  static void runPickle(byte[] pickle) {
    var account = new PickleFindings("fuzz");
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
