/** Options that several commands share, and how arguments become requests. */
@NullMarked
package athanor.cli.option;

import org.jspecify.annotations.NullMarked;
