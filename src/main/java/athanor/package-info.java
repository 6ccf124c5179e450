/**
 * The front door for programs that embed Athanor: {@link athanor.Merge} describes a merge and runs
 * it, {@link athanor.MergeEvent} says what happens meanwhile, {@link athanor.Merged} what came out.
 */
@NullMarked
package athanor;

import org.jspecify.annotations.NullMarked;
