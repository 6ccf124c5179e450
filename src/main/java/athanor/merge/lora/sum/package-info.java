/** What several LoRAs add to each module, as factors and as full differences. */
@NullMarked
package athanor.merge.lora.sum;

import org.jspecify.annotations.NullMarked;
