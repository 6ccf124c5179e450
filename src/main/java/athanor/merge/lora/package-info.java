/**
 * LoRA files as results: the {@link athanor.merge.lora.LoraWriter} that every command uses whose
 * result is a LoRA computes {@link athanor.merge.lora.LoraModule}s one by one, with bounded memory
 * and the same bytes for any number of threads.
 */
@NullMarked
package athanor.merge.lora;

import org.jspecify.annotations.NullMarked;
