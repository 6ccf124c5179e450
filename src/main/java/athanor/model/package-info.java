/**
 * What is known about image models: which architecture a file holds ({@link
 * athanor.model.Recognition}), what its tensors are for ({@link athanor.model.CheckpointModel}),
 * which tensor every spelling of a LoRA module name means ({@link athanor.model.TargetIndex},
 * {@link athanor.model.Target}), which base a LoRA was made for ({@link
 * athanor.model.LoraArchitecture}), and the blocks that block weights address ({@link
 * athanor.model.Block}).
 *
 * <p>The knowledge is in tables: {@link athanor.model.Architecture} for names, {@code UnetPlan} and
 * {@code TextEncoderPlan} for the dimensions from which complete key lists follow, {@code
 * TransformerSignature} and {@code ForeignKind} for what is recognised and refused. Works on keys
 * and shapes only; nothing here reads values or files. Everything is immutable.
 */
@NullMarked
package athanor.model;

import org.jspecify.annotations.NullMarked;
