package athanor.torchfile;

import athanor.error.PrintableText;
import athanor.file.FileRange;
import athanor.file.InputFile;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.torchfile.pickle.PickleFindings;
import athanor.torchfile.pickle.PickleLimits;
import athanor.torchfile.pickle.PickleValue;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An open PyTorch checkpoint. Nothing in it is executed: see the package description.
 *
 * <p>The rule for files that mention code: a name that is known for running code ({@link
 * OtherContents#dangerousNames()}) makes an inert object like any unknown name. The file is usable
 * if that object is not part of the weights; it is then only listed. It is refused, by name, if the
 * object is the state dict, lies on the way to it, or is an entry of it.
 *
 * <p>Views need no copy of their storage: {@link #range} is present where the values lie in one
 * piece, otherwise {@link #read} gathers them. Thread-safe.
 */
public abstract sealed class TorchFile implements StateDict permits TorchZipFile, TorchLegacyFile {
  private final InputFile file;
  private final List<TensorInfo> tensors;
  private final Map<String, StoredTensor> byKey;
  private final OtherContents notes;

  TorchFile(Contents contents) {
    this.file = contents.file();
    this.tensors = contents.tensors().stream().map(StoredTensor::info).toList();
    this.byKey = HashMap.newHashMap(tensors.size());
    contents.tensors().forEach(tensor -> byKey.put(tensor.info().key(), tensor));
    this.notes = contents.notes();
  }

  /** What was found in a file. */
  record Contents(InputFile file, List<StoredTensor> tensors, OtherContents notes) {

    /**
     * Finds the state dict and checks its tensors.
     *
     * @param root what the pickle left
     * @param mostBytes bytes that the tensors may have together
     * @param warnings what is odd about the container
     */
    static Contents of(
        InputFile file,
        PickleFindings findings,
        PickleValue root,
        StorageTable storages,
        long mostBytes,
        long bytesAfterPickle,
        List<String> warnings) {
      StateDictSearch.Found found = new StateDictSearch(findings).find(root);
      TensorTable.Tensors tensors =
          TensorTable.check(file, findings, storages, found.mapping(), mostBytes);
      List<String> ignored = new ArrayList<>(found.beside());
      ignored.addAll(tensors.otherEntries());
      var allWarnings = new ArrayList<>(warnings);
      for (String key : found.mapping().replacedTensors()) {
        allWarnings.add(
            "the key " + PrintableText.ofName(key) + " occurs twice; its last tensor counts");
      }
      found.subclass().ifPresent(name -> allWarnings.add("the state dict is an object of " + name));
      if (found.mapping().otherKeys() > 0) {
        allWarnings.add(
            found.mapping().otherKeys() + " entries without a text as key were ignored");
      }
      var notes =
          new OtherContents(
              found.path(),
              findings.dangerousNames(),
              new TreeMap<>(findings.ignoredObjects()),
              ignored.subList(0, Math.min(ignored.size(), PickleLimits.LISTED)),
              ignored.size(),
              bytesAfterPickle,
              allWarnings);
      return new Contents(file, tensors.tensors(), notes);
    }
  }

  /**
   * How many bytes of tensors a file of {@code fileBytes} may have: four times its size, or 1 MiB
   * if that is more. Real checkpoints share storages now and then; hostile ones repeat a few bytes
   * into terabytes.
   */
  public static long usualTensorBytes(long fileBytes) {
    long times = Long.MAX_VALUE / Limits.EXPANSION;
    return Math.max(Limits.EXPANSION_FLOOR, Limits.EXPANSION * Math.min(fileBytes, times));
  }

  /** What else is in the file, and what was made of it. */
  public final OtherContents notes() {
    return notes;
  }

  @Override
  public final String name() {
    return file.name();
  }

  /** Always empty: PyTorch checkpoints have no place for text metadata. */
  @Override
  public final Map<String, String> metadata() {
    return Map.of();
  }

  @Override
  public final List<TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public final Optional<TensorInfo> find(String key) {
    return Optional.ofNullable(byKey.get(key)).map(StoredTensor::info);
  }

  @Override
  public final void read(TensorInfo tensor, long offset, MemorySegment target) {
    StoredTensor stored = stored(tensor);
    long size = stored.info().byteSize();
    if (offset < 0 || offset > size || target.byteSize() > size - offset) {
      throw new IndexOutOfBoundsException(
          tensor.key() + ": " + target.byteSize() + " bytes from " + offset + " of " + size);
    }
    if (target.byteSize() == 0) {
      return;
    }
    if (stored.view().isContiguous()) {
      file.read(stored.position() + offset, target);
    } else {
      stored.view().gather(file, stored.storage(), offset, target);
    }
  }

  @Override
  public final Optional<FileRange> range(TensorInfo tensor) {
    StoredTensor stored = stored(tensor);
    return stored.view().isContiguous()
        ? Optional.of(new FileRange(file, stored.position(), stored.info().byteSize()))
        : Optional.empty();
  }

  private StoredTensor stored(TensorInfo tensor) {
    StoredTensor stored = byKey.get(tensor.key());
    if (stored == null) {
      throw new IllegalArgumentException("no tensor of this file: " + tensor.key());
    }
    return stored;
  }

  @Override
  public final List<InputFile> files() {
    return List.of(file);
  }

  /** Closes the file. */
  @Override
  public final void close() {
    file.close();
  }
}
