package athanor.cli.terminal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How wide the window of standard error is, asked of the system at most twice a second. Linux and
 * macOS tell it; elsewhere it stays what it was at first. Not thread-safe.
 */
final class WindowWidth implements IntSupplier {
  private static final long ASK_NANOS = 500_000_000;
  private static final int STANDARD_ERROR = 2;

  /** TIOCGWINSZ of ioctl. */
  private static final long GET_WINDOW_SIZE = isMac() ? 0x40087468L : 0x5413L;

  private final int narrowest;
  private int width;
  private long asked = System.nanoTime();
  private @Nullable MethodHandle ioctl;
  private boolean isMute = !isMac() && !System.getProperty("os.name", "").equals("Linux");

  WindowWidth(int atFirst, int narrowest) {
    this.width = atFirst;
    this.narrowest = narrowest;
  }

  private static boolean isMac() {
    return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("mac");
  }

  @Override
  public int getAsInt() {
    long now = System.nanoTime();
    if (!isMute && now - asked >= ASK_NANOS) {
      asked = now;
      width = Math.max(narrowest, ask().orElse(width));
    }
    return width;
  }

  /** Columns, from the second of the four numbers that the system writes: rows, columns, pixels. */
  private OptionalInt ask() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocate(ValueLayout.JAVA_SHORT, 4);
      int result = (int) ioctl().invokeExact(STANDARD_ERROR, GET_WINDOW_SIZE, size);
      int columns = size.getAtIndex(ValueLayout.JAVA_SHORT, 1);
      return result == 0 && columns > 0 ? OptionalInt.of(columns) : OptionalInt.empty();
    } catch (Throwable e) { // of a method handle; the width is not worth a failure
      isMute = true;
      return OptionalInt.empty();
    }
  }

  @SuppressWarnings("restricted") // a call of the C library; where it is forbidden, the width stays
  private MethodHandle ioctl() {
    if (ioctl == null) {
      Linker linker = Linker.nativeLinker();
      ioctl =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("ioctl"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.ADDRESS),
              Linker.Option.firstVariadicArg(2));
    }
    return ioctl;
  }
}
