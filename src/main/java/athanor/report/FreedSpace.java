package athanor.report;

/**
 * What removing files from the cache brought.
 *
 * @param bytes that are free again
 */
@LineName("removed")
public record FreedSpace(long bytes) implements Result {}
