/**
 * The room of the latent-diffusion UNets: SD 1.x, SD 2.x, SDXL, its refiner and its distilled
 * variants. The dimensions of their UNets and text encoders are in tables, from which complete
 * lists of keys follow; the names of modules are made from the keys of a checkpoint.
 */
@NullMarked
package athanor.model.sd;

import org.jspecify.annotations.NullMarked;
