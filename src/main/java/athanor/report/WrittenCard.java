package athanor.report;

/**
 * A model card that was written.
 *
 * @param output the file
 * @param updated whether it was there and got what it lacked
 */
@LineName(value = "card", when = "written")
public record WrittenCard(String output, @ForText boolean updated) implements Result {}
