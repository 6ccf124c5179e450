/** A LoRA under the names of other programs. */
@NullMarked
package athanor.merge.lora.spelling;

import org.jspecify.annotations.NullMarked;
