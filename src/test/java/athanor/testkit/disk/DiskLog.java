package athanor.testkit.disk;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything that changes a disk, in order: what a power cut can undo. Files are known by number,
 * since names move between them. Safe for use by several threads.
 */
public final class DiskLog {
  private final List<Change> changes = new ArrayList<>();
  private final Map<Path, Integer> numbers = new HashMap<>();
  private int files;

  /** One change, or the promise that earlier ones are on the disk. */
  sealed interface Change {
    /** A name for an empty file or, later, one more name for a file. */
    record Link(Path name, int file) implements Change {}

    /** A name less. */
    record Unlink(Path name) implements Change {}

    /** A name instead of another, in one step. */
    record Rename(Path from, Path to) implements Change {}

    /** Bytes of a file. */
    record Write(int file, long position, byte[] bytes) implements Change {}

    /** Another length of a file. */
    record Truncate(int file, long size) implements Change {}

    /** The bytes of a file are on the disk. */
    record Force(int file) implements Change {}

    /** The names in all folders are on the disk. */
    record ForceNames() implements Change {}
  }

  /** The changes so far. */
  synchronized List<Change> changes() {
    return List.copyOf(changes);
  }

  /** The number of the file of this name, which was there from the beginning if it is new here. */
  synchronized int opened(Path name, boolean created) {
    Integer known = numbers.get(name);
    if (known != null && !created) {
      return known;
    }
    int number = files++;
    numbers.put(name, number);
    if (created) {
      changes.add(new Change.Link(name, number));
    }
    return number;
  }

  synchronized void wrote(int file, long position, ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    changes.add(new Change.Write(file, position, copy));
  }

  synchronized void truncated(int file, long size) {
    changes.add(new Change.Truncate(file, size));
  }

  synchronized void forced(int file) {
    changes.add(new Change.Force(file));
  }

  synchronized void forcedNames() {
    changes.add(new Change.ForceNames());
  }

  synchronized void linked(Path name, Path existing) {
    int file = opened(existing, false);
    numbers.put(name, file);
    changes.add(new Change.Link(name, file));
  }

  synchronized void deleted(Path name) {
    numbers.remove(name);
    changes.add(new Change.Unlink(name));
  }

  synchronized void moved(Path from, Path to) {
    numbers.put(to, opened(from, false));
    numbers.remove(from);
    changes.add(new Change.Rename(from, to));
  }
}
