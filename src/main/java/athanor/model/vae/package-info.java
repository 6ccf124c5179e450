/**
 * The autoencoder that the latent-diffusion architectures have in common: its tensors, its names in
 * checkpoints and in files of its own.
 */
@NullMarked
package athanor.model.vae;

import org.jspecify.annotations.NullMarked;
