/** PyTorch files, honest and hostile, built byte by byte. */
@NullMarked
package athanor.torchfile;

import org.jspecify.annotations.NullMarked;
