package athanor.job.session;

/** What a job leaves if it is cancelled, and what comes next then. */
public enum Leftover {
  /** Nothing; what every job begins with. */
  NOTHING("nothing was written"),
  /** Downloaded inputs, complete or not. */
  DOWNLOADS("no result was written; what was downloaded is kept for the next run"),
  /** A part of an upload. */
  UPLOADS("what was sent is kept: give the command again to go on"),
  /** Results of jobs that were finished before. */
  FINISHED_FILES("what was finished is in place, nothing else was written; downloads are kept"),
  /** A part of a file that was to be downloaded. */
  PARTIAL_FILE("running it again goes on where the download stopped");

  private final String sentence;

  Leftover(String sentence) {
    this.sentence = sentence;
  }

  /** A sentence without a full stop. */
  public String sentence() {
    return sentence;
  }
}
