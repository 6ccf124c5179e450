/**
 * LoRA files as results. The {@link athanor.merge.lora.LoraWriter} computes {@link
 * athanor.merge.lora.LoraModule}s whose shapes are known one by one while it writes; {@link
 * athanor.merge.lora.LoraResize}, {@link athanor.merge.lora.LoraExtraction} and {@link
 * athanor.merge.lora.LoraRespelling}, whose ranks or types show only in the end, keep the result in
 * memory in its stored type ({@link athanor.merge.lora.LoraResult}). All work module by module,
 * with the same bytes for any number of threads.
 */
@NullMarked
package athanor.merge.lora;

import org.jspecify.annotations.NullMarked;
