package athanor.analysis;

import athanor.delta.Arithmetic;
import athanor.delta.Change;
import athanor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Computes inner products and spectra of what LoRAs add to a tensor. Pairs of factors are never
 * multiplied out: ⟨U₁D₁, U₂D₂⟩ is the trace of (U₁ᵀU₂)(D₂D₁ᵀ), and the squared singular values of
 * UD are the eigenvalues of Lᵀ(DDᵀ)L, where LLᵀ = UᵀU. Other matrices are computed block by block.
 * Safe for use by several threads.
 *
 * @param arithmetic how factors are read
 */
public record Measuring(Arithmetic arithmetic) {
  private static final int BLOCK_ELEMENTS = 1 << 18;

  /** Measures in float32. */
  public static Measuring with(Kernels kernels) {
    return new Measuring(Arithmetic.float32(kernels));
  }

  /**
   * Measures one tensor.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if factors cannot be read or hold NaN
   *     or infinite values
   */
  public Measurement measure(Meeting meeting) {
    int count = meeting.parts().size();
    List<Optional<Factors>> factors = new ArrayList<>();
    for (Meeting.Part part : meeting.parts()) {
      factors.add(
          part.add()
              .delta()
              .stackable()
              .map(pair -> Factors.of(pair.factors(arithmetic), arithmetic.kernels())));
    }
    double[][] products = new double[count][count];
    List<Overlap> overlaps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Meeting.Part one = meeting.parts().get(i);
      for (int j = i; j < count; j++) {
        Meeting.Part other = meeting.parts().get(j);
        if (factors.get(i).isPresent()
            && factors.get(j).isPresent()
            && one.add().place().equals(other.add().place())) {
          var both =
              new FactorPair(
                  factors.get(i).get(), factors.get(j).get(), i == j, arithmetic.kernels());
          products[i][j] = one.add().delta().scale() * other.add().delta().scale() * both.product();
          if (one.lora() != other.lora()) {
            overlaps.add(both.overlap(i, j));
          }
        } else {
          products[i][j] = product(one.add(), other.add());
        }
        products[j][i] = products[i][j];
      }
    }
    return new Measurement(
        meeting.key(),
        meeting.component(),
        meeting.block(),
        IntStream.range(0, count)
            .mapToObj(i ->
                new Measurement.Part(
                    meeting.parts().get(i).lora(),
                    meeting.parts().get(i).ratio(),
                    factors
                        .get(i)
                        .map(own -> own.spectrum(meeting.parts().get(i).add().delta().scale()))))
            .toList(),
        products,
        overlaps);
  }

  private double product(Change.Add one, Change.Add other) {
    double scale = one.delta().scale() * other.delta().scale();
    if (scale == 0) {
      return 0;
    }
    if (one.place().equals(other.place())) {
      return scale * denseProduct(one, other);
    }
    if (one.rows().intersect(other.rows()).count() == 0) {
      return 0;
    }
    return scale * denseProduct(one.restrictedTo(other.rows()), other.restrictedTo(one.rows()));
  }

  /** ⟨one, other⟩ over the elements that both have, scales left out. */
  private double denseProduct(Change.Add one, Change.Add other) {
    int rows = one.place().outputs();
    int width = one.place().inputs();
    int otherWidth = other.place().inputs();
    int step = Math.max(1, BLOCK_ELEMENTS / Math.max(1, Math.max(width, otherWidth)));
    var loaded = one.delta().load(arithmetic);
    boolean same = one.equals(other);
    var otherLoaded = same ? loaded : other.delta().load(arithmetic);
    float[] values = new float[step * width];
    float[] others = same ? values : new float[step * otherWidth];
    double sum = 0;
    for (int from = 0; from < rows; from += step) {
      int to = Math.min(rows, from + step);
      loaded.rows(from, to, values);
      if (!same) {
        otherLoaded.rows(from, to, others);
      }
      for (int row = 0; row < to - from; row++) {
        for (int column = 0; column < Math.min(width, otherWidth); column++) {
          sum += (double) values[row * width + column] * others[row * otherWidth + column];
        }
      }
    }
    return sum;
  }
}
