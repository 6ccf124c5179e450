package athanor.testkit.web.upload;

/** The kinds of requests of an upload, for telling which one shall fail. */
public enum Step {
  WHOAMI,
  CREATE,
  INFO,
  AUTH_CHECK,
  SETTINGS,
  VALIDATE,
  PREUPLOAD,
  BATCH,
  /** To the storage: a whole object or a part. */
  PUT,
  COMPLETE,
  VERIFY,
  COMMIT,
  BRANCH
}
