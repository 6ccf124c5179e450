/** Publishing results: the question whether it may be done, the model card, the upload. */
@NullMarked
package athanor.job.publish;

import org.jspecify.annotations.NullMarked;
