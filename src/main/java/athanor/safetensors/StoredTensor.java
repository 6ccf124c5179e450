package athanor.safetensors;

import athanor.tensor.TensorInfo;

/**
 * A tensor as the header describes it.
 *
 * @param info key, dtype and shape
 * @param begin first byte of the values, relative to the end of the header
 * @param end first byte after them
 * @param entryOffset where in the decoded header text its entry begins, in UTF-16 units
 */
record StoredTensor(TensorInfo info, long begin, long end, int entryOffset) {
  long length() {
    return end - begin;
  }
}
