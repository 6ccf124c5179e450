package athanor.safetensors;

import athanor.error.AthanorException;
import athanor.file.FileRange;
import athanor.file.InputFile;
import athanor.file.Sha256;
import athanor.tensor.Container;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** One open safetensors file. Reading is safe from several threads at once. */
public final class SafetensorsFile implements StateDict {
  private final InputFile file;
  private final SafetensorsHeader header;

  private SafetensorsFile(InputFile file, SafetensorsHeader header) {
    this.file = file;
    this.header = header;
  }

  /**
   * Opens and checks a file.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE as {@link InputFile#open} and {@link
   *     SafetensorsHeader#read}
   */
  public static SafetensorsFile open(Path path) {
    InputFile file = InputFile.open(path);
    try {
      return open(file);
    } catch (AthanorException e) {
      file.close();
      throw e;
    }
  }

  /**
   * Checks an open file and takes it over: closing the result closes it. If this method fails, the
   * file stays open.
   *
   * @throws athanor.error.AthanorException as {@link SafetensorsHeader#read}
   */
  public static SafetensorsFile open(InputFile file) {
    return new SafetensorsFile(file, SafetensorsHeader.read(file));
  }

  /** The checked header. */
  public SafetensorsHeader header() {
    return header;
  }

  /** Position in the file of the first byte of the values. */
  public long dataStart() {
    return header.dataStart();
  }

  /**
   * SHA-256 of the first {@link #dataStart()} bytes (length and header), 64 lower-case hex digits:
   * a cheap mark of which file this is. Reads the header again.
   *
   * @throws athanor.error.AthanorException if the file cannot be read any more
   */
  public String headerSha256() {
    return Sha256.of(file.readBytes(0, Math.toIntExact(dataStart())));
  }

  @Override
  public String name() {
    return file.name();
  }

  @Override
  public Container container() {
    return Container.SAFETENSORS;
  }

  @Override
  public Map<String, String> metadata() {
    return header.metadata();
  }

  @Override
  public List<TensorInfo> tensors() {
    return header.tensors();
  }

  @Override
  public Optional<TensorInfo> find(String key) {
    return header.find(key).map(StoredTensor::info);
  }

  @Override
  public void read(TensorInfo tensor, long offset, MemorySegment target) {
    StoredTensor stored = stored(tensor);
    Objects.checkFromIndexSize(offset, target.byteSize(), stored.length());
    file.read(dataStart() + stored.begin() + offset, target);
  }

  /** Where the values lie; always present. */
  @Override
  public Optional<FileRange> range(TensorInfo tensor) {
    StoredTensor stored = stored(tensor);
    return Optional.of(new FileRange(file, dataStart() + stored.begin(), stored.length()));
  }

  private StoredTensor stored(TensorInfo tensor) {
    return header
        .find(tensor.key())
        .filter(stored -> stored.info().equals(tensor))
        .orElseThrow(() -> new IllegalArgumentException(name() + " has no tensor " + tensor));
  }

  @Override
  public List<InputFile> files() {
    return List.of(file);
  }

  @Override
  public void close() {
    file.close();
  }
}
