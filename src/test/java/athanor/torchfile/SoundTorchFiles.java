package athanor.torchfile;

/** PyTorch files that are sound, for tests of other packages. */
public final class SoundTorchFiles {
  private SoundTorchFiles() {}

  /** Two small tensors, {@code a} and {@code b}, in the format before version 1.6. */
  public static byte[] inOldFormat() {
    return TorchLegacyFileTest.honestFile();
  }
}
