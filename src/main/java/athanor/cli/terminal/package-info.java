/** The terminal: where words go, progress, signals, numbers as people read them. */
@NullMarked
package athanor.cli.terminal;

import org.jspecify.annotations.NullMarked;
