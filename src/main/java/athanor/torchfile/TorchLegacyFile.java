package athanor.torchfile;

import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.file.RangeInputStream;
import athanor.tensor.Container;
import athanor.torchfile.pickle.PickleFindings;
import athanor.torchfile.pickle.PickleInput;
import athanor.torchfile.pickle.PickleMachine;
import athanor.torchfile.pickle.PickleValue;
import athanor.torchfile.pickle.PickleValue.Constant;
import athanor.torchfile.pickle.PickleValue.Huge;
import athanor.torchfile.pickle.PickleValue.Mapping;
import athanor.torchfile.pickle.PickleValue.Whole;
import athanor.torchfile.pickle.StorageIds;
import java.math.BigInteger;

/**
 * A checkpoint as PyTorch before 1.6 wrote it: five pickles (magic number, protocol, system, the
 * object, the keys of its storages), then each storage behind its length. Source: {@code
 * _legacy_save} and {@code _legacy_load} of {@code torch/serialization.py}.
 */
public final class TorchLegacyFile extends TorchFile {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final int PROTOCOL = 1001;

  private TorchLegacyFile(Contents contents) {
    super(contents);
  }

  /**
   * Opens a checkpoint whose tensors are not much larger than the file; see {@link
   * TorchFile#usualTensorBytes}.
   *
   * @param file closed by {@link #close}; if opening fails it stays the caller's to close
   * @throws athanor.error.AthanorException as {@link #open(InputFile, long)}
   */
  public static TorchLegacyFile open(InputFile file) {
    return open(file, usualTensorBytes(file.size()));
  }

  /**
   * Opens a checkpoint. Only the pickles and the lengths of the storages are read.
   *
   * @param file closed by {@link #close}; if opening fails it stays the caller's to close
   * @param mostTensorBytes how many bytes the tensors may have together
   * @throws athanor.error.AthanorException of kind BAD_FILE if the file is no such checkpoint, is
   *     cut off or big-endian, and as {@link TorchZipFile#open(InputFile, long)}
   */
  public static TorchLegacyFile open(InputFile file, long mostTensorBytes) {
    var pickles = new Pickles(file);
    pickles.requireMagic();
    pickles.requireProtocol();
    pickles.requireLittleEndian();
    var ids = new StorageIds(pickles.findings, true);
    PickleValue root = pickles.next(ids);
    PickleValue keys = pickles.next(new StorageIds(pickles.findings, true));
    LegacyStorages storages =
        LegacyStorages.index(file, pickles.position, keys, ids.seen(), pickles.findings);
    return new TorchLegacyFile(
        Contents.of(
            file, pickles.findings, root, storages, mostTensorBytes, 0, storages.warnings()));
  }

  @Override
  public Container container() {
    return Container.TORCH_LEGACY;
  }

  /** The pickles at the beginning of the file, one after the other. */
  private static final class Pickles {
    private final InputFile file;
    private final PickleFindings findings;
    private long position;

    Pickles(InputFile file) {
      this.file = file;
      this.findings = new PickleFindings(file.name());
    }

    PickleValue next(StorageIds ids) {
      long left = file.size() - position;
      var in =
          new PickleInput(new RangeInputStream(file, position, left), position, left, findings);
      PickleValue value = new PickleMachine(in, findings, ids).run();
      position = in.position();
      return value;
    }

    private PickleValue next() {
      return next(new StorageIds(findings, true));
    }

    void requireMagic() {
      if (!(next() instanceof Huge(BigInteger number)) || !number.equals(MAGIC)) {
        throw findings
            .problem("this is a pickle, but not a PyTorch checkpoint")
            .at(file.name() + ", byte 0")
            .expected("PyTorch's magic number")
            .toException();
      }
    }

    void requireProtocol() {
      if (!(next() instanceof Whole(long version)) || version != PROTOCOL) {
        throw findings
            .problem("unknown version of the old PyTorch file format")
            .expected(PROTOCOL)
            .toException();
      }
    }

    void requireLittleEndian() {
      PickleValue order =
          next() instanceof Mapping system ? system.entries().get("little_endian") : null;
      if (order == Constant.FALSE) {
        throw Problem.badFile("the weights are stored big-endian")
            .at(file.name())
            .help("load and save it with PyTorch on an ordinary (little-endian) machine")
            .toException();
      }
      if (order != Constant.TRUE) {
        throw findings.problem("the file does not state its byte order").toException();
      }
    }
  }
}
