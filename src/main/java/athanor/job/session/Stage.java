package athanor.job.session;

/** What a job is at. A job goes through some of them, in this order. */
public enum Stage {
  /** Finding the files that links mean. */
  FINDING,
  /** Reading the inputs of this computer for their hashes. */
  HASHING,
  /** Downloading inputs. */
  DOWNLOADING,
  /** Making the result, verifying it and giving it its name. */
  MAKING,
  /** Publishing it. */
  PUBLISHING
}
