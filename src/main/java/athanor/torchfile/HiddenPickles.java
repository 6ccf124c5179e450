package athanor.torchfile;

import athanor.error.AthanorException;
import athanor.torchfile.TorchNotes.DangerousName;
import java.util.List;

/**
 * Pickles behind the end of the one that PyTorch reads. Nothing is made of them, but what they name
 * is told: scanners that stop where PyTorch stops do not see it.
 */
final class HiddenPickles {
  private HiddenPickles() {}

  /**
   * The dangerous names in what is left of the input, as far as it is pickles.
   *
   * @param in behind the STOP of the pickle that counts
   * @param where the file and the record in it
   */
  static List<DangerousName> dangerousNames(PickleInput in, String where) {
    var account = new PickleAccount(where);
    try {
      while (in.remaining() > 0) {
        new PickleMachine(in, account, new StorageIds(account, false)).run();
      }
    } catch (AthanorException e) {
      // Python would stop here too. What was named before stays told.
    }
    return account.dangerousNames();
  }
}
