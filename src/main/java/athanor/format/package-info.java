/**
 * Any file as a person names it: {@link athanor.format.StateDicts} opens it by its content,
 * whatever its extension says; {@link athanor.format.FileDiagnosis} tells what a file really is
 * when it is not a sound model, why that happens and what to do; {@link
 * athanor.format.OutputFormat} is what a file can be written as; {@link athanor.format.FileHashes}
 * and {@link athanor.format.ModelHash} compute the hashes by which web sites and other programs
 * know models.
 */
@NullMarked
package athanor.format;

import org.jspecify.annotations.NullMarked;
