package athanor.report;

/**
 * A model card that was asked for on standard output.
 *
 * @param text the card, Markdown
 */
@LineName(value = "card", when = "printed")
public record PrintedCard(String text) implements Result {}
