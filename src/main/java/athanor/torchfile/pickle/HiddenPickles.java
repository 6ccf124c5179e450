package athanor.torchfile.pickle;

import athanor.error.AthanorException;

/**
 * Pickles behind the end of the one that PyTorch reads. Nothing is made of them, but what they name
 * is told: scanners that stop where PyTorch stops do not see it.
 */
public final class HiddenPickles {
  private HiddenPickles() {}

  /**
   * Adds the dangerous names in what is left of the input, as far as it is pickles.
   *
   * @param in behind the STOP of the pickle that counts
   * @param found receives the names
   */
  public static void addDangerousNames(PickleInput in, PickleFindings found) {
    var findings = new PickleFindings(found.where());
    try {
      while (in.remaining() > 0) {
        new PickleMachine(in, findings, new StorageIds(findings, false)).run();
      }
    } catch (AthanorException e) {
      // Python would stop here too. What was named before stays told.
    }
    found.addHidden(findings.dangerousNames());
  }
}
