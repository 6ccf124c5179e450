/**
 * A merge as the user asked for it, from opening the inputs to the finished file: {@link
 * athanor.job.PreparedMerge} opens and judges, writing nothing; {@link athanor.job.MergeRun}
 * merges, verifies and publishes. Thin: the knowledge is in the packages below. What front ends run
 * is in {@code job.session}.
 */
@NullMarked
package athanor.job;

import org.jspecify.annotations.NullMarked;
