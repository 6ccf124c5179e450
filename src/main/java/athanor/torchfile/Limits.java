package athanor.torchfile;

/**
 * Every bound on what a PyTorch file may ask of this program. Real checkpoints stay far below: one
 * with 1,131 tensors has a pickle of 186 KB, 34,000 opcodes and 9,100 memo entries.
 */
final class Limits {

  // The archive.

  /** Bytes of the central directory of an archive. */
  static final long ZIP_DIRECTORY_BYTES = 32L << 20;

  /** Entries of an archive. */
  static final int ZIP_ENTRIES = 250_000;

  /** Bytes of {@code version} or {@code byteorder}. */
  static final int SMALL_RECORD_BYTES = 64;

  /** Inflated bytes per deflated byte of a pickle larger than {@link #INFLATE_RATIO_FROM}. */
  static final int INFLATE_RATIO = 200;

  /** Size in bytes from which {@link #INFLATE_RATIO} counts. */
  static final int INFLATE_RATIO_FROM = 1 << 20;

  // The pickle program.

  /** Bytes of one pickle. */
  static final long PICKLE_BYTES = 64L << 20;

  /** Bytes of a pickle that is deflated, which PyTorch never does. */
  static final long INFLATED_PICKLE_BYTES = 16L << 20;

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

  // The state dict.

  /** Bytes of a tensor's key in UTF-8. */
  static final int KEY_BYTES = 64 << 10;

  /** Characters of a storage's key. */
  static final int STORAGE_KEY_CHARACTERS = 256;

  /** Dicts within dicts on the way to the state dict. */
  static final int STATE_DICT_DEPTH = 100;

  /** Dimensions of a tensor. */
  static final int RANK = 64;

  /** Bytes of tensors per byte of file; views may share and repeat stored values. */
  static final int EXPANSION = 4;

  /** Bytes of tensors that are allowed whatever the file's size. */
  static final long EXPANSION_FLOOR = 1L << 20;

  /** Names, keys or warnings kept for a report; the rest is only counted. */
  static final int LISTED = 100;

  private Limits() {}
}
