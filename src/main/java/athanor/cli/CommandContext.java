package athanor.cli;

import athanor.progress.Cancellation;
import java.io.PrintStream;

/**
 * What every command gets from the process it runs in.
 *
 * @param out standard output
 * @param err standard error
 * @param cancellation set when the user stops the program
 */
record CommandContext(PrintStream out, PrintStream err, Cancellation cancellation) {}
