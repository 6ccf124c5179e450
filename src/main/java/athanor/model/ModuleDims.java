package athanor.model;

/**
 * The size of a weight as a LoRA module implies it.
 *
 * @param module name without the parameter's suffix
 * @param in inputs (channels of a convolution); 0 when unknown
 * @param out outputs; 0 when unknown
 */
public record ModuleDims(String module, long in, long out) {}
