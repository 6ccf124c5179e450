package athanor.torchfile.pickle;

/**
 * Every bound on what the pickles of a file may ask of this program. Real checkpoints stay far
 * below: one with 1,131 tensors has a pickle of 186 KB, 34,000 opcodes and 9,100 memo entries.
 */
public final class PickleLimits {

  /** Bytes of one pickle. */
  public static final long PICKLE_BYTES = 64L << 20;

  /** Opcodes of one pickle. */
  static final int PICKLE_OPCODES = 20_000_000;

  /** Estimated bytes of memory of everything the pickles of a file make, garbage included. */
  static final long PICKLE_MEMORY = 128L << 20;

  /** Items on the stack. */
  static final int STACK_ITEMS = 1_000_000;

  /** Marks on the stack. */
  static final int STACK_MARKS = 100_000;

  /** Entries of the memo. */
  static final int MEMO_ENTRIES = 4_000_000;

  /** Bytes of one text. */
  static final int TEXT_BYTES = 16 << 20;

  /** Bytes of a text that ends with its line. */
  static final int LINE_BYTES = 1 << 20;

  /** Bytes of a module or class name. */
  static final int GLOBAL_NAME_BYTES = 1024;

  /** Characters of a number written as text. */
  static final int NUMBER_CHARACTERS = 64;

  /** Bytes of a binary whole number. */
  static final int NUMBER_BYTES = 255;

  /** Characters of a storage's key. */
  static final int STORAGE_KEY_CHARACTERS = 256;

  /** Dimensions of a tensor. */
  static final int RANK = 64;

  /** Names, keys or warnings kept for a report; the rest is only counted. */
  public static final int LISTED = 100;

  private PickleLimits() {}
}
