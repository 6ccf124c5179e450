/** The files of a job, of this computer or given as links: found, opened, hashed, downloaded. */
@NullMarked
package athanor.job.input;

import org.jspecify.annotations.NullMarked;
