package athanor.testkit.disk;

import java.util.EnumSet;
import java.util.Set;

/** What a program asks of a disk. */
public enum Operation {
  /** A file is opened, or created. */
  OPEN,
  READ,
  WRITE,
  /** Bytes go from file to file within the system. */
  TRANSFER,
  FORCE,
  /** Size and position of an open file. */
  LOOK,
  LOCK,
  CLOSE,
  /** Attributes, existence, identity, real path, free space. */
  ATTRIBUTES,
  SET_ATTRIBUTES,
  LIST,
  MOVE,
  LINK,
  DELETE;

  /** Those that need room on the disk. */
  public static Set<Operation> writing() {
    return EnumSet.of(OPEN, WRITE, TRANSFER, FORCE, CLOSE, MOVE, LINK);
  }

  /** Those that may do a part of what was asked without that being a failure. */
  public static Set<Operation> partial() {
    return EnumSet.of(READ, WRITE, TRANSFER);
  }

  /** All, but removing what is there still works. */
  public static Set<Operation> allButDelete() {
    return EnumSet.complementOf(EnumSet.of(DELETE));
  }
}
