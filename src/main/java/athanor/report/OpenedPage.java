package athanor.report;

/**
 * The page of {@code ui}.
 *
 * @param address to open in a browser of this computer; whoever has it may do what the user may
 */
@LineName("page")
public record OpenedPage(String address) implements Result {}
