package athanor.hub.upload;

/** Who may see the repository. */
public enum Visibility {
  /** A new repository becomes private; an existing one stays as it is. */
  AS_IS,
  /** Nobody but the owner; an existing public repository is refused. */
  PRIVATE,
  /** Everybody, if it is created by this upload; an existing repository stays as it is. */
  PUBLIC
}
