/**
 * Names of modules: what stands before them in checkpoints and LoRAs, for every component in one
 * table ({@link athanor.model.naming.ComponentNames}), the dialects of trainers, and the look-up of
 * a module by any of its names ({@link athanor.model.naming.ModuleScope}). Knows no architecture.
 */
@NullMarked
package athanor.model.naming;

import org.jspecify.annotations.NullMarked;
