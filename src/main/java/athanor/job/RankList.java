package athanor.job;

import athanor.adapter.AdapterTraits;

/** The ranks of a LoRA as messages name them. */
final class RankList {
  private RankList() {}

  /** {@code pixel.safetensors has rank 8}, or {@code has ranks 4–64}. */
  static String of(Candidate candidate) {
    AdapterTraits traits = AdapterTraits.of(candidate.file().orElseThrow());
    String noun = traits.ranks().size() == 1 ? " has rank " : " has ranks ";
    return candidate.input().name() + noun + traits.rankText();
  }
}
