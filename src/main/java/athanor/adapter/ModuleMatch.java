package athanor.adapter;

/**
 * A module of a LoRA and what becomes of it.
 *
 * @param module the module
 * @param outcome what becomes of it
 */
public record ModuleMatch(AdapterModule module, ModuleOutcome outcome) {}
