/**
 * Files as this program uses them: an {@link athanor.file.InputFile} is a regular file that is only
 * read and that must not change meanwhile; an {@link athanor.file.OutputFile} is written beside its
 * target under a temporary name, made durable, and renamed at the end, so that a failed or killed
 * run leaves the old file or none. Every output of this program takes that one path. Positional
 * channel I/O throughout, no mappings: a file truncated by someone else is then an error message
 * and not a crash of the Java machine.
 */
@NullMarked
package athanor.file;

import org.jspecify.annotations.NullMarked;
