/**
 * LoRA files as results: several LoRAs merged into one, and the writer that every command uses
 * whose result is a LoRA.
 *
 * <p>{@link athanor.merge.lora.LoraSum} says what the inputs add to each module; {@link
 * athanor.merge.lora.Concatenation} writes that sum exactly, {@link
 * athanor.merge.lora.Recompression} to a lower rank with its error stated, and {@link
 * athanor.merge.lora.HistoricSum} the way the first kohya scripts did. All give {@link
 * athanor.merge.lora.LoraModule}s, whose values the {@link athanor.merge.lora.LoraWriter} computes
 * module by module, with bounded memory and the same bytes for any number of threads.
 */
@NullMarked
package athanor.merge.lora;

import org.jspecify.annotations.NullMarked;
