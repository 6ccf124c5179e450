package athanor.job.session;

import athanor.progress.Cancellation;

/**
 * One piece of work, described and not begun. Immutable: it can be judged and run any number of
 * times, each time from the files as they are then, and at the same time as other jobs.
 *
 * @param <R> what comes out
 */
public interface Job<R> {
  /**
   * Says whether the work can be done and what it would take, as far as its inputs can be read
   * where they are; downloads and writes nothing.
   *
   * @param listener hears the verdict in detail
   * @param cancellation stops it
   * @throws athanor.error.AthanorException with the reason if it cannot be done
   */
  Forecast judge(JobListener listener, Cancellation cancellation);

  /**
   * Does the work. What does not fit stops it before large files are read or downloaded.
   *
   * @param listener hears what happens, and hears the result before this returns
   * @param cancellation stops it; the listener has heard what is left then
   * @throws athanor.error.AthanorException with the reason if it cannot be done; of kind CANCELLED
   */
  R run(JobListener listener, Cancellation cancellation);
}
