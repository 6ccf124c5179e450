/**
 * The immutable description of a merge, as a user asks for it, and the forms in which it can be
 * written: the command line's {@code FILE@RATIO} list, kohya's {@code --models --ratios --lbws},
 * and the {@code <lora:…>} calls of prompts. Nothing here opens a file.
 */
@NullMarked
package athanor.recipe;

import org.jspecify.annotations.NullMarked;
