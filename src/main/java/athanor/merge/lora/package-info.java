/**
 * LoRA files as results: a {@link athanor.merge.lora.LoraModule} is a module about to be written,
 * whose values are computed while the file is. The rooms below plan such modules and write them:
 * the sum of several LoRAs for the methods in {@code athanor.merge.method}, a LoRA at other ranks,
 * the difference of two checkpoints, a LoRA under other names. All work module by module, with the
 * same bytes for any number of threads.
 */
@NullMarked
package athanor.merge.lora;

import org.jspecify.annotations.NullMarked;
