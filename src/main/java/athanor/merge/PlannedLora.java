package athanor.merge;

import athanor.adapter.AdapterMatch;

/**
 * A LoRA of a merge: where its modules go, and how strongly.
 *
 * @param match the file against the base
 * @param ratio the user's ratio
 */
public record PlannedLora(AdapterMatch match, double ratio) {
  /** Whether it changes anything: a ratio of 0 leaves every byte as it is. */
  public boolean isEffective() {
    return ratio != 0 && match.applied() > 0;
  }
}
