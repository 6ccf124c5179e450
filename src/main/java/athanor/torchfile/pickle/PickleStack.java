package athanor.torchfile.pickle;

import athanor.torchfile.pickle.PickleValue.Tuple;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The stack of a pickle program. A mark fences off what lies below it: no opcode but those that end
 * a mark reaches across.
 */
final class PickleStack {
  private final PickleFindings findings;
  private PickleValue[] items = new PickleValue[256];
  private int size;
  private int[] marks = new int[64];
  private int markCount;

  PickleStack(PickleFindings findings) {
    this.findings = findings;
  }

  void push(PickleValue value, long position) {
    if (size == PickleLimits.STACK_ITEMS) {
      throw findings.tooMuch(position, "items on its stack", size + 1, PickleLimits.STACK_ITEMS);
    }
    if (size == items.length) {
      items = Arrays.copyOf(items, 2 * size);
    }
    items[size++] = value;
  }

  PickleValue pop(long position) {
    needItem(position);
    PickleValue value = items[--size];
    items[size] = PickleValue.Constant.NONE;
    return value;
  }

  PickleValue peek(long position) {
    needItem(position);
    return items[size - 1];
  }

  private void needItem(long position) {
    if (size == floor()) {
      throw findings.malformed(position, "an operand is missing (stack underflow)");
    }
  }

  void mark(long position) {
    if (markCount == PickleLimits.STACK_MARKS) {
      throw findings.tooMuch(
          position, "marks on its stack", markCount + 1, PickleLimits.STACK_MARKS);
    }
    if (markCount == marks.length) {
      marks = Arrays.copyOf(marks, 2 * markCount);
    }
    marks[markCount++] = size;
  }

  /** Removes the last mark and everything above it, which is returned in order. */
  List<PickleValue> popToMark(long position) {
    if (markCount == 0) {
      throw findings.malformed(position, "a mark is missing");
    }
    int from = marks[--markCount];
    List<PickleValue> values = new ArrayList<>(Arrays.asList(items).subList(from, size));
    Arrays.fill(items, from, size, PickleValue.Constant.NONE);
    size = from;
    return values;
  }

  /** The opcode POP: the last item, or the last mark if nothing is above it. */
  void drop(long position) {
    if (markCount > 0 && size == floor()) {
      markCount--;
    } else {
      pop(position);
    }
  }

  /** The last {@code count} items as a tuple. */
  Tuple popTuple(int count, long position) {
    var values = new PickleValue[count];
    for (int i = count - 1; i >= 0; i--) {
      values[i] = pop(position);
    }
    return new Tuple(List.of(values));
  }

  private int floor() {
    return markCount == 0 ? 0 : marks[markCount - 1];
  }

  /** The result of the program: the one item that is left. */
  PickleValue result(long position) {
    if (markCount > 0 || size != 1) {
      throw findings.malformed(
          position, size == 0 ? "it ends without a result" : "it ends with items left over");
    }
    return pop(position);
  }
}
