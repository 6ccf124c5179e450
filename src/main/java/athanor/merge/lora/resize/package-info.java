/** A LoRA at other ranks. */
@NullMarked
package athanor.merge.lora.resize;

import org.jspecify.annotations.NullMarked;
