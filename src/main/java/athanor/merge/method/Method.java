package athanor.merge.method;

/**
 * How contributions become a result: one file for each method, which holds its parameters and what
 * it does with them. Immutable.
 */
public sealed interface Method permits Sum, LoraMethod {}
