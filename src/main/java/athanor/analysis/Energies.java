package athanor.analysis;

/**
 * Sums over the weights of an area. All are of changes at the user's ratios.
 *
 * @param products Σ ⟨rᵢΔWᵢ, rⱼΔWⱼ⟩, {@code [loras, loras]}
 * @param plain as {@code products} with every ratio 1, so that the push of other ratios r is rᵀ ·
 *     plain · r where no weights differ by block
 * @param base Σ W² of the tensors that any LoRA changes; 0 if unknown
 */
@SuppressWarnings("ArrayRecordComponent")
public record Energies(double[][] products, double[][] plain, double base) {

  /** Nothing yet, of so many LoRAs. */
  static Energies none(int loras) {
    return new Energies(new double[loras][loras], new double[loras][loras], 0);
  }

  /** With one more tensor. */
  Energies with(Measurement measured, double baseEnergy) {
    for (int i = 0; i < measured.parts().size(); i++) {
      for (int j = 0; j < measured.parts().size(); j++) {
        Measurement.Part one = measured.parts().get(i);
        Measurement.Part other = measured.parts().get(j);
        double product = measured.products()[i][j];
        plain[one.lora()][other.lora()] += product;
        products[one.lora()][other.lora()] += one.ratio() * other.ratio() * product;
      }
    }
    return new Energies(products, plain, base + baseEnergy);
  }

  /** ‖rᵢΔWᵢ‖. */
  public double norm(int lora) {
    return Math.sqrt(Math.max(0, products[lora][lora]));
  }

  /** ‖rᵢΔWᵢ‖ / ‖W‖; NaN if the base is unknown. */
  public double loudness(int lora) {
    return base > 0 ? norm(lora) / Math.sqrt(base) : Double.NaN;
  }

  /** ‖Σ rᵢΔWᵢ‖. */
  public double push() {
    double sum = 0;
    for (double[] row : products) {
      for (double value : row) {
        sum += value;
      }
    }
    return Math.sqrt(Math.max(0, sum));
  }

  /** ‖Σ rᵢΔWᵢ‖ / ‖W‖; NaN if the base is unknown. */
  public double relativePush() {
    return base > 0 ? push() / Math.sqrt(base) : Double.NaN;
  }

  /** The cosine of the angle between two changes, −1 to 1; 0 where one of them is nothing. */
  public double cosine(int one, int other) {
    double norms = norm(one) * norm(other);
    return norms == 0 ? 0 : Math.clamp(products[one][other] / norms, -1, 1);
  }
}
