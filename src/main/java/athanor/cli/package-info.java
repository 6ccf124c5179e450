/**
 * The command line, in rooms: {@code command}, {@code option}, {@code report}, {@code terminal}. It
 * holds no arithmetic and knows no file format; a merge is a job of {@code athanor.job}.
 *
 * <p>{@link athanor.cli.Launch} is the first class that runs, on any Java; it hands over to {@link
 * athanor.cli.Main}.
 */
@NullMarked
package athanor.cli;

import org.jspecify.annotations.NullMarked;
