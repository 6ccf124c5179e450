package athanor.file;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The outputs in the making of this process; a shutdown hook discards them. */
final class UnpublishedOutputs {
  private static final Set<OutputFile> OPEN = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> OPEN.forEach(OutputFile::close), "discard-unpublished-outputs"));
  }

  private UnpublishedOutputs() {}

  static void add(OutputFile output) {
    OPEN.add(output);
  }

  static void remove(OutputFile output) {
    OPEN.remove(output);
  }
}
