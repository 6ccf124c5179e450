package athanor.torchfile;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Copies elements one by one from evenly spaced places to evenly spaced places. */
final class Elements {

  private Elements() {}

  /**
   * Copies {@code count} elements of {@code width} bytes.
   *
   * @param from index of the first element in {@code source}, in elements
   * @param fromStep elements from one to the next in {@code source}
   * @param to index of the first element in {@code target}, in elements
   * @param toStep elements from one to the next in {@code target}
   */
  static void copy(
      MemorySegment source,
      long from,
      long fromStep,
      MemorySegment target,
      long to,
      long toStep,
      long count,
      int width) {
    if (fromStep == 1 && toStep == 1) {
      MemorySegment.copy(source, from * width, target, to * width, count * width);
      return;
    }
    switch (width) {
      case 1 -> {
        for (long i = 0; i < count; i++) {
          byte value = source.get(ValueLayout.JAVA_BYTE, from + i * fromStep);
          target.set(ValueLayout.JAVA_BYTE, to + i * toStep, value);
        }
      }
      case 2 -> {
        for (long i = 0; i < count; i++) {
          short value = source.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2 * (from + i * fromStep));
          target.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2 * (to + i * toStep), value);
        }
      }
      case 4 -> {
        for (long i = 0; i < count; i++) {
          int value = source.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * (from + i * fromStep));
          target.set(ValueLayout.JAVA_INT_UNALIGNED, 4 * (to + i * toStep), value);
        }
      }
      case 8 -> {
        for (long i = 0; i < count; i++) {
          long value = source.get(ValueLayout.JAVA_LONG_UNALIGNED, 8 * (from + i * fromStep));
          target.set(ValueLayout.JAVA_LONG_UNALIGNED, 8 * (to + i * toStep), value);
        }
      }
      default -> throw new IllegalArgumentException("no element has " + width + " bytes");
    }
  }
}
