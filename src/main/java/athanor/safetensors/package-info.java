/**
 * The safetensors format: {@link athanor.safetensors.SafetensorsFile} reads one file, {@link
 * athanor.safetensors.ShardedSafetensors} a set of files joined by an index, {@link
 * athanor.safetensors.SafetensorsLayout} plans a file to be written.
 *
 * <p>A file is eight bytes with the length N of the header (unsigned, little-endian), N bytes of
 * UTF-8 JSON, and the packed row-major little-endian values. The reader makes every check of the
 * reference implementation (huggingface/safetensors 0.8, {@code Metadata::validate}) and refuses
 * more: names that occur twice, ranks over 64, over a million tensors, numbers over 2⁶³−1. Nothing
 * is allocated on the word of a file before its real size was compared.
 */
@NullMarked
package athanor.safetensors;

import org.jspecify.annotations.NullMarked;
