package athanor.job.session;

import athanor.progress.Progress;

/**
 * Hears what a job has to tell. Events come in the order in which things happen; notes, warnings
 * and the advance can come from any thread, the others come from the one that runs the job.
 */
@FunctionalInterface
public interface JobListener {
  /** Hears nothing. */
  JobListener NONE =
      new JobListener() {
        @Override
        public void hear(JobEvent event) {}

        @Override
        public Progress progress() {
          return Progress.NONE;
        }
      };

  /** Something happened. */
  void hear(JobEvent event);

  /**
   * What is told of the advance; by default it becomes an event {@link JobEvent.Advanced}, at most
   * ten times a second.
   */
  default Progress progress() {
    return new AdvanceEvents(this);
  }

  /** Hears a note. */
  default void note(String text) {
    hear(new JobEvent.Note(text));
  }

  /** Hears a warning. */
  default void warn(String text) {
    hear(new JobEvent.Warning(text));
  }
}
