/**
 * The command line: options, exit codes, the report and the progress line. It holds no arithmetic
 * and knows no file format; a merge is a job of {@code athanor.job}.
 *
 * <p>{@link athanor.cli.Launch} is the first class that runs, on any Java; it hands over to {@link
 * athanor.cli.Main}.
 */
@NullMarked
package athanor.cli;

import org.jspecify.annotations.NullMarked;
