package athanor.job.input;

import athanor.file.InputFile;
import athanor.recipe.InputOrigin;
import athanor.tensor.StateDict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The open files of a merge, and under which path each was asked for. To be used by one thread;
 * close it to close the files.
 */
public final class OpenInputs implements AutoCloseable {
  private final Inputs inputs;
  private final List<Opened> files = new ArrayList<>();
  private final List<Opened> kept = new ArrayList<>();

  private record Opened(Path path, StateDict file, List<String> oddities) {}

  /** No files yet; {@code inputs} opens them. */
  public OpenInputs(Inputs inputs) {
    this.inputs = inputs;
  }

  /**
   * Files to be judged again: those that have arrived since are closed, to be opened where they are
   * now, and the others stay open. This object is not to be used any more.
   *
   * @param arrived whether the file of a path has arrived
   */
  public OpenInputs again(Predicate<Path> arrived) {
    var again = new OpenInputs(inputs);
    for (Opened opened : files) {
      if (arrived.test(opened.path())) {
        opened.file().close();
      } else {
        again.kept.add(opened);
      }
    }
    files.clear();
    return again;
  }

  /** Opens a file, unless it was kept open; it stays open until this is closed. */
  public StateDict open(Path path) {
    Optional<Opened> open =
        kept.stream().filter(candidate -> candidate.path().equals(path)).findFirst();
    open.ifPresent(kept::remove);
    Opened opened = open.orElseGet(() -> opened(path));
    files.add(opened);
    return opened.file();
  }

  private Opened opened(Path path) {
    List<String> oddities = new ArrayList<>();
    return new Opened(path, inputs.open(path, oddities::add), oddities);
  }

  /** The files in the order in which they were opened. */
  public List<StateDict> all() {
    return files.stream().map(Opened::file).toList();
  }

  /** What is odd about files without doing harm. */
  public List<String> oddities() {
    return files.stream().flatMap(file -> file.oddities().stream()).toList();
  }

  /** Every file that is read, each part of a file in several parts. */
  public List<InputFile> parts() {
    return files.stream().flatMap(opened -> opened.file().files().stream()).toList();
  }

  /** What is known of one of these files beside its bytes. */
  public InputOrigin originOf(StateDict file) {
    return files.stream()
        .filter(opened -> opened.file().equals(file))
        .findFirst()
        .map(opened -> inputs.origin(opened.path()))
        .orElseThrow();
  }

  @Override
  public void close() {
    files.forEach(opened -> opened.file().close());
    kept.forEach(opened -> opened.file().close());
  }
}
