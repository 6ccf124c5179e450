package athanor.report;

/**
 * A record that a front end sends to its own page and no command prints. Its results, events and
 * problems are those of {@code --json}, in the same form.
 */
public interface Shown {}
