package athanor.kernel;

import java.lang.reflect.InvocationTargetException;

/**
 * Brings the incubating Vector API into a process that was started without it.
 *
 * <p>With {@code --add-modules jdk.incubator.vector} Java prints "WARNING: Using incubator modules"
 * on every start, and no switch turns that off. The JDK's own loader for modules that are not in
 * the boot layer, the one that agents use, has the same effect without the line: the module is
 * defined to the boot class loader, and that definition is what turns the compiler's vector support
 * on. It needs {@code java.base/jdk.internal.module} exported, which the manifest of the jar asks
 * for.
 *
 * <p>Ask here before the first class that names a type of the module is linked.
 */
public final class VectorModule {
  private static final String NAME = "jdk.incubator.vector";
  private static final boolean AVAILABLE =
      ModuleLayer.boot().findModule(NAME).isPresent() || load();

  private VectorModule() {}

  /**
   * Whether the Vector API can be used, after loading it if need be (about 20 ms, once). False
   * where the JDK lacks the module or does not let it be loaded; the scalar kernels do the work
   * then. Thread-safe.
   */
  public static boolean isAvailable() {
    return AVAILABLE;
  }

  private static boolean load() {
    try {
      Class.forName("jdk.internal.module.Modules")
          .getMethod("loadModule", String.class)
          .invoke(null, NAME);
      return true;
    } catch (InvocationTargetException e) {
      return false; // a JDK without the module
    } catch (ReflectiveOperationException e) {
      return false; // not exported to us, or another JDK's inner workings
    }
  }
}
