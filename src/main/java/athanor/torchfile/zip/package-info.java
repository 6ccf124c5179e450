/**
 * Zip archives as PyTorch writes and reads them: the directory of one that is there, checked, and
 * the frame of one to be written, whose contents are put at known positions. It knows nothing of
 * what the entries mean.
 */
@NullMarked
package athanor.torchfile.zip;

import org.jspecify.annotations.NullMarked;
