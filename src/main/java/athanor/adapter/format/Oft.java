package athanor.adapter.format;

import athanor.tensor.TensorInfo;
import java.util.List;

/** Rotations of blocks of outputs, as LyCORIS and kohya store them. */
final class Oft extends RecognisedFormat {
  /** The blocks, {@code [n, b, b]}; of BOFT {@code [m, n, b, b]}. */
  static final Part BLOCKS = new Part("OFT", "blocks");

  Oft() {
    super("OFT");
  }

  @Override
  public List<Suffix> suffixes() {
    return suffixesOfBoth();
  }

  /** The suffixes that BOFT has too. */
  static List<Suffix> suffixesOfBoth() {
    return List.of(
        Suffix.of(".oft_blocks", BLOCKS),
        Suffix.of(".oft_diag", new Part("OFT", "diag")),
        Suffix.of(".rescale", new Part("OFT", "rescale")));
  }

  @Override
  public boolean claims(Part part, TensorInfo tensor) {
    return !part.equals(BLOCKS) || tensor.shape().rank() != 4;
  }
}
