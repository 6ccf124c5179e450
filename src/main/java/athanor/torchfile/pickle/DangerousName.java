package athanor.torchfile.pickle;

/**
 * A name of a class or function that is known for running code.
 *
 * @param name for example {@code os.system}, fit to be shown
 * @param position byte of the pickle, or of the file where pickles are not records of their own
 */
public record DangerousName(String name, long position) {}
