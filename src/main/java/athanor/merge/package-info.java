/**
 * Merging, in rooms: {@code plan} says, before anything runs, what happens to every tensor of the
 * output; {@code engine} carries it out in one streaming pass, with memory bounded by the factors
 * of the tensors being worked on and one block per worker; {@code method} has one file for each way
 * of merging; {@code lora} makes LoRAs; {@code metadata} says how a result was made.
 *
 * <p>Semantics: {@code W' = round(changes(W))}, all changes of a tensor in the order of the plan
 * and in float32, rounded once to nearest-even. The result does not depend on the number of
 * workers.
 */
@NullMarked
package athanor.merge;

import org.jspecify.annotations.NullMarked;
