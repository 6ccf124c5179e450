package athanor.hub;

/** Whether the bytes of a remote file can be downloaded, as far as is known. */
public enum Access {
  /** They can: the server said so, or the file is on this computer already. */
  OPEN,
  /** The service did not say; its storage decides when asked for bytes. */
  UNKNOWN,
  /** Only with a token, or with one that has more rights. */
  NEEDS_TOKEN
}
