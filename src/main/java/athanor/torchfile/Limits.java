package athanor.torchfile;

/**
 * Bounds on what a PyTorch file may ask of this program, beside those of its archive ({@code
 * ZipDirectory}) and of its pickles ({@link athanor.torchfile.pickle.PickleLimits}).
 */
final class Limits {

  // The archive.

  /** Bytes of {@code version} or {@code byteorder}. */
  static final int SMALL_RECORD_BYTES = 64;

  /** Inflated bytes per deflated byte of a pickle larger than {@link #INFLATE_RATIO_FROM}. */
  static final int INFLATE_RATIO = 200;

  /** Size in bytes from which {@link #INFLATE_RATIO} counts. */
  static final int INFLATE_RATIO_FROM = 1 << 20;

  /** Bytes of a pickle that is deflated, which PyTorch never does. */
  static final long INFLATED_PICKLE_BYTES = 16L << 20;

  // The state dict.

  /** Bytes of a tensor's key in UTF-8. */
  static final int KEY_BYTES = 64 << 10;

  /** Dicts within dicts on the way to the state dict. */
  static final int STATE_DICT_DEPTH = 100;

  /** Bytes of tensors per byte of file; views may share and repeat stored values. */
  static final int EXPANSION = 4;

  /** Bytes of tensors that are allowed whatever the file's size. */
  static final long EXPANSION_FLOOR = 1L << 20;

  private Limits() {}
}
