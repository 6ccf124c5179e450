package athanor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector width of this process: the processor's, or the one tests force. Results never depend
 * on it.
 */
final class VectorSpeciesChoice {
  /** Test-only: 128, 256 or 512. */
  static final String BITS_PROPERTY = "athanor.kernels.bits";

  static final VectorShape SHAPE = shape();
  static final VectorSpecies<Float> FLOAT = VectorSpecies.of(float.class, SHAPE);
  static final VectorSpecies<Integer> INT = VectorSpecies.of(int.class, SHAPE);
  static final VectorSpecies<Double> DOUBLE = VectorSpecies.of(double.class, SHAPE);

  private VectorSpeciesChoice() {}

  private static VectorShape shape() {
    int preferred = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    int bits = Integer.getInteger(BITS_PROPERTY, Math.clamp(preferred, 128, 512));
    return VectorShape.forBitSize(bits);
  }
}
