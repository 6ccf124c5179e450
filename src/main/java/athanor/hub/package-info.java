/**
 * Model hubs as a place where files come from: what a pasted link means ({@link athanor.hub.Link}),
 * which file it names and what its listing says about it ({@link athanor.hub.RemoteFile}), reading
 * its header in place, and fetching it once ({@link athanor.hub.Hub}). Knows the Hugging Face Hub
 * and Civitai; any other web address is taken as a plain file.
 *
 * <p>Facts follow the services' public documentation and the behaviour of their official clients
 * ({@code huggingface_hub} 2.4, {@code @huggingface/hub} 2.17).
 */
@NullMarked
package athanor.hub;

import org.jspecify.annotations.NullMarked;
