package athanor.torchfile;

import athanor.torchfile.pickle.PickleValue.StorageReference;

/** Where the storages of a file are. */
interface StorageTable {

  /**
   * Bytes of a file.
   *
   * @param position first byte
   * @param length number of bytes
   */
  record Place(long position, long length) {}

  /**
   * Finds a storage.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it is missing or its size is not the
   *     one the reference states
   */
  Place find(StorageReference reference);
}
