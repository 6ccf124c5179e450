/** The commands, one file each: what they take, which job they run, what they print. */
@NullMarked
package athanor.cli.command;

import org.jspecify.annotations.NullMarked;
