package athanor.report;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterTraits;
import athanor.error.AthanorException;
import java.util.Optional;

/**
 * What a LoRA is made of.
 *
 * @param kind its formats, such as {@code LoRA}
 * @param rank its ranks in words
 * @param alpha its alphas in words
 */
public record LoraTraits(String kind, String rank, String alpha) {
  /** The traits of a file; empty where its alphas cannot be read. */
  static Optional<LoraTraits> of(AdapterFile file) {
    try {
      AdapterTraits traits = AdapterTraits.of(file);
      return Optional.of(new LoraTraits(traits.kind(), traits.rankText(), traits.alphaText()));
    } catch (AthanorException e) {
      return Optional.empty();
    }
  }
}
