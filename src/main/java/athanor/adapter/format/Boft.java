package athanor.adapter.format;

import athanor.tensor.TensorInfo;
import java.util.List;

/** Rotations in several stages, told from OFT by one dimension more. */
final class Boft extends RecognisedFormat {
  Boft() {
    super("BOFT");
  }

  @Override
  public List<Suffix> suffixes() {
    return Oft.suffixesOfBoth();
  }

  @Override
  public boolean claims(Part part, TensorInfo tensor) {
    return !part.equals(Oft.BLOCKS) || tensor.shape().rank() == 4;
  }
}
