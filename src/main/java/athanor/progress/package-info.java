/** How long work tells about itself, and how it is asked to stop. A leaf. */
@NullMarked
package athanor.progress;

import org.jspecify.annotations.NullMarked;
