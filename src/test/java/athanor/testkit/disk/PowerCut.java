package athanor.testkit.disk;

import athanor.testkit.Gen;
import athanor.testkit.disk.DiskLog.Change;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a disk holds when the power fails after some of its changes. Forced bytes and names are
 * there. Of the other bytes any subset is, each write whole, in part, or not at all, in any order
 * of its sectors; where a later one arrived and an earlier did not there are zeros. Of the other
 * names some first ones are: file systems keep their order.
 */
public final class PowerCut {
  private static final int SECTOR = 512;
  private static final int THE_OLD_ONE = -1;

  private final List<Change> changes;
  private final boolean forcing;

  private PowerCut(List<Change> changes, boolean forcing) {
    this.changes = changes;
    this.forcing = forcing;
  }

  /** The disk that this log is of. */
  public static PowerCut of(DiskLog log) {
    return new PowerCut(log.changes(), true);
  }

  /** The same on a disk that forgets to write when it is told to: it must show damage. */
  public PowerCut onALyingDisk() {
    return new PowerCut(changes, false);
  }

  /** Number of changes: the cut can come after 0 to this many. */
  public int changes() {
    return changes.size();
  }

  /**
   * What a name leads to after the cut.
   *
   * @param after how many changes were made
   * @param old what it led to before the first one
   * @param gen decides what of the unforced changes arrived
   */
  public Optional<byte[]> contentOf(Path name, int after, Optional<byte[]> old, Gen gen) {
    List<Change> made = changes.subList(0, after);
    Map<Path, Integer> names = new HashMap<>();
    if (old.isPresent()) {
      names.put(name, THE_OLD_ONE);
    }
    change(names, made, gen);
    Integer file = names.get(name);
    if (file == null) {
      return Optional.empty();
    }
    return file == THE_OLD_ONE ? old : Optional.of(bytes(made, file, gen));
  }

  private void change(Map<Path, Integer> names, List<Change> made, Gen gen) {
    int forced = 0;
    List<Change> ofNames = new ArrayList<>();
    for (Change change : made) {
      switch (change) {
        case Change.Link _, Change.Unlink _, Change.Rename _ -> ofNames.add(change);
        case Change.ForceNames _ -> forced = forcing ? ofNames.size() : 0;
        case Change.Write _, Change.Truncate _, Change.Force _ -> {}
      }
    }
    for (Change change : ofNames.subList(0, gen.between(forced, ofNames.size()))) {
      switch (change) {
        case Change.Link(Path name, int file) -> names.put(name, file);
        case Change.Unlink(Path name) -> names.remove(name);
        case Change.Rename(Path from, Path to) -> {
          Integer file = names.remove(from);
          if (file != null) {
            names.put(to, file);
          }
        }
        default -> throw new IllegalStateException(change.toString());
      }
    }
  }

  private byte[] bytes(List<Change> made, int file, Gen gen) {
    int durable = 0;
    if (forcing) {
      for (int i = 0; i < made.size(); i++) {
        if (made.get(i) instanceof Change.Force(int forced) && forced == file) {
          durable = i;
        }
      }
    }
    var content = new Content();
    Set<Integer> late = new HashSet<>();
    for (int i = 0; i < made.size(); i++) {
      boolean certain = i < durable;
      switch (made.get(i)) {
        case Change.Write(int of, long position, byte[] bytes) when of == file -> {
          if (certain) {
            content.put(position, bytes, 0, bytes.length);
          } else {
            late.add(i);
          }
        }
        case Change.Truncate(int of, long size) when of == file && (certain || gen.coin()) ->
            content.truncate(size);
        default -> {}
      }
    }
    // Everything may arrive, nothing, or anything between.
    int odds = gen.between(0, 4);
    for (int i : late) {
      if (made.get(i) instanceof Change.Write(int _, long position, byte[] bytes)) {
        for (int at = 0; at < bytes.length; at += SECTOR) {
          if (gen.between(1, 4) <= odds) {
            content.put(position, bytes, at, Math.min(bytes.length, at + SECTOR));
          }
        }
      }
    }
    return content.bytes;
  }

  /** Bytes of one file; holes are zeros. */
  private static final class Content {
    private byte[] bytes = new byte[0];

    void put(long position, byte[] source, int from, int to) {
      int end = Math.toIntExact(position + to);
      if (bytes.length < end) {
        bytes = Arrays.copyOf(bytes, end);
      }
      System.arraycopy(source, from, bytes, Math.toIntExact(position + from), to - from);
    }

    void truncate(long size) {
      bytes = Arrays.copyOf(bytes, Math.toIntExact(size));
    }
  }
}
