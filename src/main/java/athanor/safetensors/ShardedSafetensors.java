package athanor.safetensors;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.file.FileRange;
import athanor.file.InputFile;
import athanor.tensor.Container;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * A checkpoint in several safetensors files that an index joins. Index and files agree exactly:
 * each key is in the file that the index names for it, and nowhere else. Reading is safe from
 * several threads at once.
 */
public final class ShardedSafetensors implements StateDict {
  private final InputFile index;
  private final List<SafetensorsFile> shards;
  private final Map<String, SafetensorsFile> shardByKey;
  private final List<TensorInfo> tensors;
  private final Map<String, String> metadata;
  private final List<String> notes;

  private ShardedSafetensors(InputFile index, ShardIndex content, List<SafetensorsFile> shards) {
    this.index = index;
    this.shards = List.copyOf(shards);
    this.shardByKey = HashMap.newHashMap(content.weightMap().size());
    var all = new ArrayList<TensorInfo>(content.weightMap().size());
    var texts = new LinkedHashMap<String, String>();
    for (SafetensorsFile shard : shards) {
      all.addAll(shard.tensors());
      shard.tensors().forEach(tensor -> shardByKey.put(tensor.key(), shard));
      shard.metadata().forEach(texts::putIfAbsent);
    }
    this.tensors = Collections.unmodifiableList(all);
    this.metadata = Collections.unmodifiableMap(texts);
    this.notes = notes(content, all);
  }

  /**
   * Opens an index and all files it names.
   *
   * @param indexJson a file such as {@code model.safetensors.index.json}
   * @throws athanor.error.AthanorException of kind BAD_FILE if the index is malformed, names a file
   *     that is missing, not beside it or not sound safetensors, or disagrees with the files; or if
   *     their headers together are longer than those of any real model
   */
  public static ShardedSafetensors open(Path indexJson) {
    InputFile index = InputFile.open(indexJson);
    try {
      return open(index);
    } catch (AthanorException e) {
      index.close();
      throw e;
    }
  }

  /**
   * Opens all files of an open index and takes it over: closing the result closes it. If this
   * method fails, the index stays open and the other files are closed.
   *
   * @throws athanor.error.AthanorException as {@link #open(Path)}
   */
  public static ShardedSafetensors open(InputFile index) {
    return open(index, name -> InputFile.open(locate(index, name)));
  }

  /**
   * As {@link #open(InputFile)}, with files that need not lie beside the index.
   *
   * @param shards opens the file that the index calls by this name
   * @throws athanor.error.AthanorException as {@link #open(Path)}, and what {@code shards} throws
   */
  public static ShardedSafetensors open(InputFile index, Function<String, InputFile> shards) {
    ShardIndex content = ShardIndex.read(index);
    var agreement = new ShardAgreement(index, content);
    var opened = new ArrayList<SafetensorsFile>();
    try {
      for (String name : content.shardNames()) {
        SafetensorsFile shard = openShard(shards.apply(name), agreement);
        opened.add(shard);
        agreement.require(name, shard);
      }
      return new ShardedSafetensors(index, content, opened);
    } catch (AthanorException e) {
      opened.forEach(SafetensorsFile::close);
      throw e;
    }
  }

  private static SafetensorsFile openShard(InputFile shard, ShardAgreement agreement) {
    try {
      agreement.requireRoomFor(shard);
      return SafetensorsFile.open(shard);
    } catch (AthanorException e) {
      shard.close();
      throw e;
    }
  }

  /**
   * The files that an index names, in the order of their names; each is a plain file name.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if the index is missing or malformed
   */
  public static List<String> shardNames(Path indexJson) {
    try (InputFile index = InputFile.open(indexJson)) {
      return List.copyOf(ShardIndex.read(index).shardNames());
    }
  }

  private static Path locate(InputFile index, String name) {
    Path folder = Objects.requireNonNull(index.path().toAbsolutePath().getParent());
    Path shard = folder.resolve(name);
    try {
      Path real = shard.toRealPath();
      if (!isAllowed(folder, real)) {
        throw Problem.badFile("a shard is a link out of the folder of its index")
            .at(index.name() + ", " + name)
            .found(real.toString())
            .help("copy the file into the folder")
            .toException();
      }
      return shard;
    } catch (IOException e) {
      throw Problem.badFile("a file that the shard index names is missing")
          .at(index.name())
          .found("no " + name + " beside it")
          .help("download all files of the model into one folder")
          .toException(e);
    }
  }

  /**
   * Whether the file lies in the folder, or in the {@code blobs} of the same cached repository: the
   * Hub's cache keeps {@code REPO/snapshots/REVISION/…} as links into {@code REPO/blobs}.
   */
  private static boolean isAllowed(Path folder, Path real) throws IOException {
    if (real.startsWith(folder.toRealPath())) {
      return true;
    }
    for (Path at = folder.normalize(); at != null; at = at.getParent()) {
      if (at.endsWith("snapshots")) {
        Path blobs = at.resolveSibling("blobs");
        return Files.isDirectory(blobs) && real.startsWith(blobs.toRealPath());
      }
    }
    return false;
  }

  private static List<String> notes(ShardIndex content, List<TensorInfo> tensors) {
    if (content.totalSize().isEmpty()) {
      return List.of();
    }
    long bytes = tensors.stream().mapToLong(TensorInfo::byteSize).sum();
    return bytes == content.totalSize().getAsLong()
        ? List.of()
        : List.of(
            "the shard index claims "
                + content.totalSize().getAsLong()
                + " bytes of tensors, its files hold "
                + bytes);
  }

  /** Oddities that do no harm, as sentences. */
  public List<String> notes() {
    return notes;
  }

  @Override
  public String name() {
    return index.name();
  }

  @Override
  public Container container() {
    return Container.SHARDED_SAFETENSORS;
  }

  /** The texts of all files; where they differ, those of the first file. */
  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  /** All tensors: the files in the order of their names, each in the order of its values. */
  @Override
  public List<TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public Optional<TensorInfo> find(String key) {
    return Optional.ofNullable(shardByKey.get(key)).flatMap(shard -> shard.find(key));
  }

  @Override
  public void read(TensorInfo tensor, long offset, MemorySegment target) {
    shard(tensor).read(tensor, offset, target);
  }

  /** Where the values lie; always present. */
  @Override
  public Optional<FileRange> range(TensorInfo tensor) {
    return shard(tensor).range(tensor);
  }

  private SafetensorsFile shard(TensorInfo tensor) {
    SafetensorsFile shard = shardByKey.get(tensor.key());
    if (shard == null) {
      throw new IllegalArgumentException(name() + " has no tensor " + tensor);
    }
    return shard;
  }

  /** The index first, then the files with the tensors. */
  @Override
  public List<InputFile> files() {
    var files = new ArrayList<InputFile>();
    files.add(index);
    shards.forEach(shard -> files.addAll(shard.files()));
    return List.copyOf(files);
  }

  @Override
  public void close() {
    shards.forEach(SafetensorsFile::close);
    index.close();
  }
}
