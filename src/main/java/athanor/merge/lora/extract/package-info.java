/** The difference of two checkpoints as a LoRA. */
@NullMarked
package athanor.merge.lora.extract;

import org.jspecify.annotations.NullMarked;
