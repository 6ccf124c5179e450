package athanor.model.sd;

import athanor.model.table.KeyList;
import athanor.model.table.KeySet;
import java.util.List;

/**
 * A planned UNet beside the one in a file.
 *
 * @param plan the plan
 * @param size number of tensors that the plan has
 * @param missing keys of the plan that the file lacks
 * @param surplus number of tensors in the file that the plan lacks
 */
record PlannedUnet(UnetPlan plan, int size, List<String> missing, int surplus) {
  /** Compares; {@code inFile} is the number of tensors of the UNet in the file. */
  static PlannedUnet of(UnetPlan plan, KeySet keys, String prefix, int inFile) {
    var list = new KeyList();
    UnetKeys.list(plan, prefix, list);
    int size = list.tensors().size();
    List<String> missing = list.missingFrom(keys);
    return new PlannedUnet(plan, size, missing, inFile - (size - missing.size()));
  }

  /** How far the two are apart, in tensors. */
  int difference() {
    return missing.size() + surplus;
  }
}
