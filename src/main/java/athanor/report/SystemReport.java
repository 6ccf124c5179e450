package athanor.report;

import athanor.job.ProgramVersion;
import athanor.job.SystemCheck;
import java.util.List;
import java.util.OptionalLong;

/**
 * What this computer is like, as far as it matters for a merge; holds no secret.
 *
 * @param program version of this program
 * @param java version and maker of Java
 * @param javaHome its folder
 * @param system name, version and processor architecture of the operating system
 * @param processors that may be used
 * @param heapBytes that Java may use for its heap
 * @param kernels {@code vector} or {@code scalar}
 * @param folder the current folder
 * @param freeBytes on its disk
 * @param writeBytesPerSecond that its disk takes durably
 * @param cache folder of fetched files
 * @param proxies variables that send requests to a proxy
 * @param offline variables that forbid the network
 * @param tokens for each hub where its token comes from
 */
@LineName("system")
public record SystemReport(
    String program,
    String java,
    String javaHome,
    String system,
    int processors,
    long heapBytes,
    String kernels,
    String folder,
    OptionalLong freeBytes,
    OptionalLong writeBytesPerSecond,
    String cache,
    List<String> proxies,
    List<String> offline,
    List<String> tokens)
    implements Result {

  /** The report of a check, with what Java says of itself. */
  public static SystemReport of(SystemCheck check) {
    Runtime runtime = Runtime.getRuntime();
    return new SystemReport(
        ProgramVersion.text(),
        Runtime.version() + " (" + System.getProperty("java.vendor") + ")",
        System.getProperty("java.home"),
        String.join(
            " ",
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("os.arch")),
        runtime.availableProcessors(),
        runtime.maxMemory(),
        check.kernels(),
        check.folder().toString(),
        check.freeBytes(),
        check.writeRate(),
        check.cache().toString(),
        check.proxies(),
        check.offline(),
        check.tokens());
  }
}
