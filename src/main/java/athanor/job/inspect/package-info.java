/** What a file is and how it is, from its structure or from every weight. */
@NullMarked
package athanor.job.inspect;

import org.jspecify.annotations.NullMarked;
