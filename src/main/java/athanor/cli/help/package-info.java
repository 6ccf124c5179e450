/** Help as people read it: examples first, options in groups, as wide as the terminal. */
@NullMarked
package athanor.cli.help;

import org.jspecify.annotations.NullMarked;
