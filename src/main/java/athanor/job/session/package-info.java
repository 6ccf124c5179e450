/**
 * The work as jobs: judged first, then run, heard by a listener. No screen, no server and no state
 * beside that of the job, so that several can run in one process. A front end makes a {@link
 * athanor.job.session.Job}, and shows what its {@link athanor.job.session.JobListener} hears.
 */
@NullMarked
package athanor.job.session;

import org.jspecify.annotations.NullMarked;
