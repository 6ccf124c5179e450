package athanor.cli;

import java.lang.reflect.InvocationTargetException;

/**
 * The first class that runs. Compiled for Java 8, so that an older Java prints one clear line
 * instead of a class-version error; it reaches {@code Main} by name, because {@code Main} is
 * compiled for Java 25.
 */
public final class Launch {
  private static final int OLDEST_JAVA = 25;

  /** EX_UNAVAILABLE of sysexits.h: something this program needs is not there. */
  private static final int NO_SUITABLE_JAVA = 69;

  private Launch() {}

  /**
   * Runs {@code athanor.cli.Main} with these arguments, or exits 69 on a Java older than 25.
   *
   * @throws Throwable what {@code Main} throws
   */
  public static void main(String[] args) throws Throwable {
    String version = System.getProperty("java.specification.version", "unknown");
    if (feature(version) < OLDEST_JAVA) {
      System.err.println(
          "athanor: needs Java "
              + OLDEST_JAVA
              + " or newer; this is Java "
              + version
              + " ("
              + System.getProperty("java.home")
              + ")");
      System.exit(NO_SUITABLE_JAVA);
    }
    try {
      Class.forName("athanor.cli.Main")
          .getMethod("main", String[].class)
          .invoke(null, (Object) args);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** 8 for {@code 1.8}, 25 for {@code 25}, 0 for what is no version. */
  static int feature(String specificationVersion) {
    String digits =
        specificationVersion.startsWith("1.")
            ? specificationVersion.substring(2)
            : specificationVersion;
    try {
      return Integer.parseInt(digits);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
