/**
 * LoRA files as results: several LoRAs merged into one, a LoRA at another rank, the difference of
 * two checkpoints as a LoRA, a LoRA under other names.
 *
 * <p>{@link athanor.merge.lora.LoraSum} says what several inputs add to each module; {@link
 * athanor.merge.lora.Concatenation} writes that sum exactly, {@link
 * athanor.merge.lora.Recompression} to a lower rank with its error stated, and {@link
 * athanor.merge.lora.HistoricSum} the way the first kohya scripts did. All give {@link
 * athanor.merge.lora.LoraModule}s, whose values the {@link athanor.merge.lora.LoraWriter} computes
 * while it writes. {@link athanor.merge.lora.LoraResize} and {@link
 * athanor.merge.lora.LoraExtraction} plan such modules too ({@link athanor.merge.lora.LoraPlan}),
 * and so does {@link athanor.merge.lora.LoraRespelling}. All work module by module, with the same
 * bytes for any number of threads.
 */
@NullMarked
package athanor.merge.lora;

import org.jspecify.annotations.NullMarked;
