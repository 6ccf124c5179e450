package athanor.merge.lora.resize;

import athanor.error.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Ranks that make the error of a whole file smallest for its size. A singular value σ of ΔW (scale
 * included) is worth σ² per byte that its direction takes in both factors; one threshold of that
 * worth cuts all modules. As σ falls within a module, what lies above the threshold is always its
 * leading part, and no other choice of that many bytes leaves a smaller Frobenius error over all
 * modules. Every module keeps at least one direction.
 */
final class SizeCut {
  /** Room for the padding of the header and for metadata that the result adds. */
  static final long SPARE_BYTES = 4096;

  private SizeCut() {}

  /**
   * What a module offers.
   *
   * @param values singular values of ΔW, descending
   * @param most the most of them that may be kept, at least 1
   * @param bytesPerRank what each takes in the file
   */
  record Spectrum(double[] values, int most, long bytesPerRank) {}

  private record Direction(int module, double worth) {}

  /**
   * The rank of each module.
   *
   * @param room bytes for all factors together
   * @param file its name, for the message
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if even rank 1 takes more
   */
  static int[] ranks(List<Spectrum> spectra, long room, String file) {
    long least = spectra.stream().mapToLong(Spectrum::bytesPerRank).sum();
    if (least > room) {
      throw Problem.incompatible("the file cannot become that small")
          .at(file)
          .expected(
              String.format(
                  Locale.ROOT, "a target at least %.1f MB larger", (least - room) / 1e6 + 0.1))
          .help("give a larger --target-size, or a narrower --save_precision such as fp16")
          .toException();
    }
    List<Direction> candidates = new ArrayList<>();
    for (int module = 0; module < spectra.size(); module++) {
      Spectrum spectrum = spectra.get(module);
      for (int i = 1; i < spectrum.most(); i++) {
        double sigma = spectrum.values()[i];
        if (sigma > 0) {
          candidates.add(new Direction(module, sigma * sigma / spectrum.bytesPerRank()));
        }
      }
    }
    candidates.sort((one, other) -> Double.compare(other.worth(), one.worth()));
    int[] ranks = new int[spectra.size()];
    Arrays.fill(ranks, 1);
    long taken = least;
    for (Direction direction : candidates) {
      taken += spectra.get(direction.module()).bytesPerRank();
      if (taken > room) {
        break;
      }
      ranks[direction.module()]++;
    }
    return ranks;
  }
}
