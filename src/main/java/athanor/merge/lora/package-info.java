/**
 * LoRA files as results: several LoRAs merged into one, a LoRA at another rank, the difference of
 * two checkpoints as a LoRA, a LoRA under other names.
 *
 * <p>{@link athanor.merge.lora.LoraSum} says what several inputs add to each module; the methods in
 * {@link athanor.merge.method} make {@link athanor.merge.lora.LoraModule}s of it, whose values the
 * {@link athanor.merge.lora.LoraWriter} computes while it writes. {@link
 * athanor.merge.lora.LoraResize} and {@link athanor.merge.lora.LoraExtraction} plan such modules too
 * ({@link athanor.merge.lora.LoraPlan}), and so does {@link athanor.merge.lora.LoraRespelling}. All
 * work module by module, with the same bytes for any number of threads.
 */
@NullMarked
package athanor.merge.lora;

import org.jspecify.annotations.NullMarked;
