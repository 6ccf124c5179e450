package athanor.report;

/**
 * A property of a file under a name of its own.
 *
 * @param label the name, such as {@code parts}
 * @param text the value
 */
public record Fact(String label, String text) {}
