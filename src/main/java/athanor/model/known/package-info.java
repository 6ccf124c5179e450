/**
 * What is recognised: transformer models by the keys of checkpoints and the modules of LoRAs, and
 * the kinds of file that people have beside checkpoints. Most of it is refused by name.
 */
@NullMarked
package athanor.model.known;

import org.jspecify.annotations.NullMarked;
