/**
 * A merge as the user asked for it, from opening the inputs to the published file: {@link
 * athanor.job.PreparedMerge} opens and judges, writing nothing; {@link athanor.job.MergeRun}
 * merges, verifies and publishes. Thin: the knowledge is in the packages below.
 */
@NullMarked
package athanor.job;

import org.jspecify.annotations.NullMarked;
