package athanor.hub;

/** Who gave a link, and so how far it is trusted. */
public enum LinkOrigin {
  /** The user, on the command line or in a file of their own: it may lead anywhere. */
  USER,
  /**
   * A file that may come from a stranger (a recipe, the metadata of a checkpoint): it may lead to
   * the public internet only, encrypted, and to the hubs that are configured.
   */
  FILE,
  /** The same, of which the user said that it may lead anywhere. */
  TRUSTED_FILE
}
