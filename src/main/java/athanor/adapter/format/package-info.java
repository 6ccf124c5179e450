/**
 * The formats of LoRA files and their relatives, each in a file of its own: by which suffixes its
 * tensors are known, what makes a module broken, what it says of sizes and ranks, and what it
 * changes.
 *
 * <p>{@link athanor.adapter.format.AdapterFormats} lists them. A {@link
 * athanor.adapter.format.MergingFormat} can be merged; a {@link
 * athanor.adapter.format.WrappingFormat} alters what the other formats of its module do; a {@link
 * athanor.adapter.format.RecognisedFormat} is known by name only and refuses. No suffix of a format
 * is written down anywhere else.
 */
@NullMarked
package athanor.adapter.format;

import org.jspecify.annotations.NullMarked;
