package athanor.file;

import athanor.error.Kind;
import athanor.error.Problem;
import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.OptionalLong;

/** How many files this process may have open at once, asked before many are opened. */
public final class OpenFileLimit {
  /** So many may be open everywhere; fewer are not worth the question, which takes a while. */
  private static final int FEW = 200;

  /** What the Java machine, the output and the terminal have open, generously. */
  private static final int OTHERS = 60;

  private OpenFileLimit() {}

  /**
   * Returns if so many inputs can be open at once, or nothing is known of a limit.
   *
   * @throws athanor.error.AthanorException of kind RESOURCES with both numbers if they cannot
   */
  public static void require(int files) {
    if (files > FEW) {
      require(files, ofProcess());
    }
  }

  static void require(int files, OptionalLong limit) {
    if (limit.isPresent() && files > limit.getAsLong() - OTHERS) {
      throw Problem.of(Kind.RESOURCES, "more files than this process may have open at once")
          .found(files + " inputs")
          .expected("at most " + Math.max(0, limit.getAsLong() - OTHERS))
          .help(
              "merge some of them into one LoRA first, or allow more: ulimit -n "
                  + (files + 2L * OTHERS))
          .toException();
    }
  }

  private static OptionalLong ofProcess() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            && unix.getMaxFileDescriptorCount() > 0
        ? OptionalLong.of(unix.getMaxFileDescriptorCount())
        : OptionalLong.empty();
  }
}
