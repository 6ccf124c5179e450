/** LoRA files, written module by module with their hashes. */
@NullMarked
package athanor.merge.lora.writing;

import org.jspecify.annotations.NullMarked;
