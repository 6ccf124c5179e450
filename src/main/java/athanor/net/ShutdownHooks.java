package athanor.net;

/** Work that must be done before the process ends, also when a signal ends it. */
final class ShutdownHooks {
  private ShutdownHooks() {}

  /** Adds it; false if the process is ending already. */
  static boolean add(Thread work) {
    try {
      Runtime.getRuntime().addShutdownHook(work);
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  /** It is not needed any more; no matter if it is being done. */
  static void remove(Thread work) {
    try {
      Runtime.getRuntime().removeShutdownHook(work);
    } catch (IllegalStateException e) {
      // The process is ending: it runs.
    }
  }
}
