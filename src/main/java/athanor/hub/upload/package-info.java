/**
 * Files going to the Hugging Face Hub: first the question whether it may be done ({@link
 * athanor.hub.upload.Uploads#permit}), then, perhaps an hour later, the upload itself ({@link
 * athanor.hub.upload.Uploads#publish}): repository, Git LFS transfer, one commit, a look at what
 * arrived.
 *
 * <p>Rules kept everywhere: nothing is sent that was not permitted; a new repository is private
 * unless asked otherwise; a part that was sent is not sent again while its link is valid; a commit
 * whose answer was lost is looked for before it is repeated; signed addresses are secrets.
 *
 * <p>Facts follow the Hub's documentation, the Git LFS batch API, and the behaviour of the official
 * clients with Xet switched off ({@code huggingface_hub} 2.4, {@code @huggingface/hub} 2.17).
 */
@NullMarked
package athanor.hub.upload;

import org.jspecify.annotations.NullMarked;
