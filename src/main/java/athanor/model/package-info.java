/**
 * What is known about image models: which architecture a file holds ({@link
 * athanor.model.Recognition}), what its tensors are for ({@link athanor.model.CheckpointModel}),
 * which tensor every spelling of a LoRA module name means ({@link athanor.model.TargetIndex},
 * {@link athanor.model.Target}), and which base a LoRA was made for ({@link
 * athanor.model.LoraArchitecture}).
 *
 * <p>This package has what every {@link athanor.model.Architecture} has in common. What is known of
 * one stands in its room: {@code sd} for the latent-diffusion UNets, {@code known} for what is only
 * recognised; {@code vae} is the autoencoder that several share, {@code naming} the prefixes and
 * dialects of module names, {@code block} the blocks that block weights address, {@code table} how
 * the tables in resources are read. {@link athanor.model.Architectures} is the list of the rooms.
 * Works on keys and shapes only; nothing here reads values, but for {@link
 * athanor.model.PositionIds}. Everything is immutable.
 */
@NullMarked
package athanor.model;

import org.jspecify.annotations.NullMarked;
