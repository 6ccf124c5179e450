package athanor.job.input;

import athanor.file.InputFile;
import athanor.recipe.InputOrigin;
import athanor.tensor.StateDict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;

/**
 * The open files of a merge, and under which path each was asked for. To be used by one thread;
 * close it to close the files.
 */
public final class OpenInputs implements AutoCloseable {
  private final Inputs inputs;
  private final List<StateDict> files = new ArrayList<>();
  private final IdentityHashMap<StateDict, Path> paths = new IdentityHashMap<>();
  private final List<String> oddities = new ArrayList<>();

  /** No files yet; {@code inputs} opens them. */
  public OpenInputs(Inputs inputs) {
    this.inputs = inputs;
  }

  /** Opens a file; it stays open until this is closed. */
  public StateDict open(Path path) {
    StateDict file = inputs.open(path, oddities::add);
    files.add(file);
    paths.put(file, path);
    return file;
  }

  /** The files in the order in which they were opened. */
  public List<StateDict> all() {
    return List.copyOf(files);
  }

  /** What is odd about files without doing harm. */
  public List<String> oddities() {
    return List.copyOf(oddities);
  }

  /** Every file that is read, each part of a file in several parts. */
  public List<InputFile> parts() {
    return files.stream().flatMap(file -> file.files().stream()).toList();
  }

  /** What is known of one of these files beside its bytes. */
  public InputOrigin originOf(StateDict file) {
    return inputs.origin(Objects.requireNonNull(paths.get(file)));
  }

  @Override
  public void close() {
    files.forEach(StateDict::close);
  }
}
