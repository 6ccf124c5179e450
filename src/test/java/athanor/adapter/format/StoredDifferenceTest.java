package athanor.adapter.format;

import static athanor.testkit.Golden.g;

import athanor.adapter.AdapterFormatContract;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.TensorFile;
import java.util.List;
import org.junit.jupiter.api.Nested;

class StoredDifferenceTest {
  @Nested
  class OfALayer extends Contract {
    @Override
    protected AdapterFormat format() {
      return AdapterFormats.FULL;
    }

    @Override
    protected TensorFile module() {
      return new TensorFile()
          .put(MODULE + ".diff", DType.F32, Shape.of(6, 4), g(3, 1, 24))
          .put(MODULE + ".diff_b", DType.F32, Shape.of(6), g(3, 1, 6));
    }
  }

  @Nested
  class OfANorm extends Contract {
    @Override
    protected AdapterFormat format() {
      return AdapterFormats.NORM;
    }

    @Override
    protected TensorFile module() {
      return new TensorFile()
          .put(MODULE + ".w_norm", DType.F32, Shape.of(6, 4), g(3, 1, 24))
          .put(MODULE + ".b_norm", DType.F32, Shape.of(1, 6), g(3, 1, 6));
    }
  }

  /** W + W. */
  abstract static class Contract extends AdapterFormatContract {
    @Override
    protected Shape shape() {
      return Shape.of(6, 4);
    }

    @Override
    protected Expected expected() {
      return new Expected(2 * -0.1875, 2 * 4.5, 2 * -0.4375, 2 * -0.25, 2 * -0.0625);
    }

    /** Either may be alone. */
    @Override
    protected List<Part> required() {
      return List.of();
    }
  }
}
