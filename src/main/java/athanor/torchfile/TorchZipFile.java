package athanor.torchfile;

import athanor.error.PrintableText;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.progress.Cancellation;
import athanor.tensor.Container;
import athanor.torchfile.pickle.HiddenPickles;
import athanor.torchfile.pickle.PickleFindings;
import athanor.torchfile.pickle.PickleInput;
import athanor.torchfile.pickle.PickleMachine;
import athanor.torchfile.pickle.PickleValue;
import athanor.torchfile.pickle.PickleValue.StorageReference;
import athanor.torchfile.pickle.StorageIds;
import athanor.torchfile.zip.ZipEntry;
import java.util.List;

/**
 * A checkpoint in the archive format of PyTorch ≥ 1.6: {@code data.pkl} describes the tensors, each
 * storage is an entry of its own. Source: {@code torch/serialization.py} and {@code
 * caffe2/serialize/inline_container.cc} of PyTorch 2.
 */
public final class TorchZipFile extends TorchFile {

  private final TorchArchive archive;

  private TorchZipFile(Contents contents, TorchArchive archive) {
    super(contents);
    this.archive = archive;
  }

  /**
   * Opens a checkpoint whose tensors are not much larger than the file; see {@link
   * TorchFile#usualTensorBytes}.
   *
   * @param file closed by {@link #close}; if opening fails it stays the caller's to close
   * @throws athanor.error.AthanorException as {@link #open(InputFile, long)}
   */
  public static TorchZipFile open(InputFile file) {
    return open(file, usualTensorBytes(file.size()));
  }

  /**
   * Opens a checkpoint. Only the archive's directory and the pickle are read.
   *
   * @param file closed by {@link #close}; if opening fails it stays the caller's to close
   * @param mostTensorBytes how many bytes the tensors may have together
   * @throws athanor.error.AthanorException of kind BAD_FILE if the archive is cut off, damaged or
   *     contradictory, is no checkpoint, is big-endian, has compressed weights, if its pickle is
   *     malformed or exceeds the caps, if a tensor is not what it claims or of a type without
   *     counterpart, if the weights depend on a dangerous name or there are none; of kind
   *     INCOMPATIBLE if it is a textual inversion
   */
  public static TorchZipFile open(InputFile file, long mostTensorBytes) {
    TorchArchive archive = TorchArchive.open(file);
    ZipEntry pickle = archive.pickle();
    var findings = new PickleFindings(file.name() + ", " + PrintableText.ofName(pickle.name()));
    var in = new PickleInput(archive.openPickle(), 0, pickle.size(), findings);
    PickleValue root = new PickleMachine(in, findings, new StorageIds(findings, false)).run();
    long bytesAfter = in.remaining();
    HiddenPickles.addDangerousNames(in, findings);
    return new TorchZipFile(
        Contents.of(
            file,
            findings,
            root,
            reference -> place(archive, findings, reference),
            mostTensorBytes,
            bytesAfter,
            archive.warnings()),
        archive);
  }

  /**
   * Reads all storages and returns the entries whose checksum is not the stated one. Entries
   * without a checksum, which PyTorch can write, are passed over.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if the file cannot be read, of kind
   *     CANCELLED if that was asked for
   */
  public List<String> damagedStorages(Cancellation cancellation) {
    return archive.damagedStorages(cancellation);
  }

  private static StorageTable.Place place(
      TorchArchive archive, PickleFindings findings, StorageReference reference) {
    ZipEntry entry =
        archive
            .storage(reference.key())
            .orElseThrow(() -> missing(findings, reference).toException());
    long expected = reference.length() * reference.width();
    if (entry.size() != expected) {
      throw findings
          .problem("a storage has another size than the pickle states")
          .at(findings.where() + ", storage " + PrintableText.ofName(reference.key()))
          .found(entry.size() + " bytes")
          .expected(expected)
          .toException();
    }
    return new StorageTable.Place(entry.position(), entry.size());
  }

  private static Problem missing(PickleFindings findings, StorageReference reference) {
    return findings
        .problem("the values of a tensor are missing")
        .at(findings.where() + ", storage " + PrintableText.ofName(reference.key()));
  }

  @Override
  public Container container() {
    return Container.TORCH_ZIP;
  }
}
