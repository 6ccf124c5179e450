package athanor.torchfile.pickle;

import athanor.torchfile.pickle.PickleValue.Constant;
import athanor.torchfile.pickle.PickleValue.Global;
import athanor.torchfile.pickle.PickleValue.Huge;
import athanor.torchfile.pickle.PickleValue.Inert;
import athanor.torchfile.pickle.PickleValue.Mapping;
import athanor.torchfile.pickle.PickleValue.Sequence;
import athanor.torchfile.pickle.PickleValue.Text;
import athanor.torchfile.pickle.PickleValue.Tuple;
import athanor.torchfile.pickle.PickleValue.Whole;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Runs one pickle program as data; protocols 0 to 5, opcodes as in Python's {@code pickletools}.
 * The extension registry, out-of-band buffers and textual persistent ids never occur in checkpoints
 * and are refused. Nothing recurses over values.
 *
 * <p>Not thread-safe; used once.
 */
public final class PickleMachine {
  static final Inert FLOAT = new Inert("a float");
  static final Inert BYTES = new Inert("bytes");
  static final Inert SET = new Inert("a set");
  private static final int NEWEST_PROTOCOL = 5;
  private static final int VALUE_BYTES = 64;

  /** Texts such as {@code storage} and {@code cpu} occur with every tensor. */
  private static final int SHARED_TEXTS = 64;

  private static final int SHARED_TEXT_CHARACTERS = 16;

  private final PickleInput in;
  private final PickleFindings findings;
  private final StorageIds storages;
  private final PickleCalls calls;
  private final PickleStack stack;
  private final PickleMemo memo;
  private final Map<String, Text> sharedTexts = new HashMap<>();
  private long at;
  private long frameEnd;

  /**
   * A machine for one program.
   *
   * @param in at its first byte
   * @param findings charged for all that is made
   * @param storages resolves references to stored values
   */
  public PickleMachine(PickleInput in, PickleFindings findings, StorageIds storages) {
    this.in = in;
    this.findings = findings;
    this.storages = storages;
    this.calls = new PickleCalls(findings);
    this.stack = new PickleStack(findings);
    this.memo = new PickleMemo(findings);
    this.frameEnd = in.position();
  }

  /**
   * The value that the program leaves; the input is then behind its STOP.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if the program is malformed or asks for
   *     more than {@link PickleLimits} allow
   */
  public PickleValue run() {
    long start = in.position();
    for (int count = 0; ; count++) {
      at = in.position();
      if (count == PickleLimits.PICKLE_OPCODES) {
        throw findings.tooMuch(at, "opcodes", count + 1, PickleLimits.PICKLE_OPCODES);
      }
      if (at - start > PickleLimits.PICKLE_BYTES) {
        throw findings.tooMuch(at, "bytes", at - start, PickleLimits.PICKLE_BYTES);
      }
      boolean framed = at < frameEnd;
      int opcode = in.u1();
      if (opcode == '.') {
        return stack.result(at);
      }
      execute(opcode, at == start);
      if (framed && in.position() > frameEnd) {
        throw findings.malformed(at, "an opcode reaches across the end of its frame");
      }
    }
  }

  private void execute(int opcode, boolean first) {
    switch (opcode) {
      case 0x80 -> protocol(first);
      case 0x95 -> frame();
      case '(' -> stack.mark(at);
      case '0' -> stack.drop(at);
      case '1' -> stack.popToMark(at);
      case '2' -> pushAgain(stack.peek(at));
      case 'N' -> push(Constant.NONE);
      case 0x88 -> push(Constant.TRUE);
      case 0x89 -> push(Constant.FALSE);
      case 'I' -> push(text(PickleNumbers.decimalOrBool(number()), "a number"));
      case 'L' -> push(text(PickleNumbers.decimalLong(number()), "a number"));
      case 'J' -> push(PickleNumbers.whole(in.i4()));
      case 'K' -> push(PickleNumbers.whole(in.u1()));
      case 'M' -> push(PickleNumbers.whole(in.u2()));
      case 0x8A -> push(PickleNumbers.binary(in.bytes(in.u1(), PickleLimits.NUMBER_BYTES)));
      case 0x8B -> push(PickleNumbers.binary(in.bytes(in.i4(), PickleLimits.NUMBER_BYTES)));
      case 'F' -> skipped(number().length, FLOAT);
      case 'G' -> skip(8, FLOAT);
      case 'S' -> push(text(PickleText.quoted(in.line(PickleLimits.LINE_BYTES)), "a quoted text"));
      case 'V' ->
          push(
              text(
                  PickleText.rawUnicodeEscape(in.line(PickleLimits.LINE_BYTES)),
                  "an escaped text"));
      case 'U' -> push(PickleText.latin1(in.bytes(in.u1(), PickleLimits.TEXT_BYTES)));
      case 'T' -> push(PickleText.latin1(in.bytes(in.i4(), PickleLimits.TEXT_BYTES)));
      case 0x8C -> unicode(in.u1());
      case 'X' -> unicode(in.u4());
      case 0x8D -> unicode(in.i8());
      case 'C' -> skip(in.u1(), BYTES);
      case 'B' -> skip(in.u4(), BYTES);
      case 0x8E, 0x96 -> skip(in.i8(), BYTES);
      case ')' -> push(new Tuple(List.of()));
      case 0x85 -> push(stack.popTuple(1, at));
      case 0x86 -> push(stack.popTuple(2, at));
      case 0x87 -> push(stack.popTuple(3, at));
      case 't' -> push(new Tuple(popToMark()));
      case ']' -> push(new Sequence());
      case 'l' -> fill(new Sequence());
      case '}' -> push(new Mapping());
      case 'd' -> fill(new Mapping());
      case 0x8F -> push(SET);
      case 0x91 -> {
        stack.popToMark(at);
        push(SET);
      }
      case 'a' -> {
        PickleValue value = stack.pop(at);
        calls.append(stack.peek(at), List.of(value), at);
      }
      case 'e' -> {
        List<PickleValue> values = stack.popToMark(at);
        calls.append(stack.peek(at), values, at);
      }
      case 's' -> {
        List<PickleValue> keyAndValue = stack.popTuple(2, at).items();
        calls.setItems(stack.peek(at), keyAndValue, at);
      }
      case 'u' -> {
        List<PickleValue> keysAndValues = stack.popToMark(at);
        calls.setItems(stack.peek(at), keysAndValues, at);
      }
      case 0x90 -> {
        stack.popToMark(at);
        calls.addItems(stack.peek(at), at);
      }
      case 'p' -> memo.put(PickleNumbers.index(number()), stack.peek(at), at);
      case 'q' -> memo.put(in.u1(), stack.peek(at), at);
      case 'r' -> memo.put(in.u4(), stack.peek(at), at);
      case 0x94 -> memo.append(stack.peek(at), at);
      case 'g' -> pushAgain(memo.get(PickleNumbers.index(number()), at));
      case 'h' -> pushAgain(memo.get(in.u1(), at));
      case 'j' -> pushAgain(memo.get(in.u4(), at));
      case 'c' -> pushAgain(global(name(), name()));
      case 0x93 -> stackGlobal();
      case 'R', 0x81 -> call(0);
      case 0x92 -> call(1);
      case 'o' -> callFromMark();
      case 'i' -> pushAgain(calls.call(global(name(), name()), stack.popToMark(at), at));
      case 'b' -> {
        PickleValue state = stack.pop(at);
        calls.build(stack.peek(at), state, at);
      }
      case 'Q' -> push(storages.resolve(stack.pop(at), at));
      case 'P', 0x82, 0x83, 0x84, 0x97, 0x98 ->
          throw findings.malformed(at, "opcode " + hex(opcode) + " never occurs in checkpoints");
      default -> throw findings.malformed(at, "unknown opcode " + hex(opcode));
    }
  }

  /** Pushes a value that was just made. */
  private void push(PickleValue value) {
    long bytes =
        switch (value) {
          case Mapping _ -> PickleCalls.MAPPING_BYTES;
          case Text text -> VALUE_BYTES + 2L * text.text().length();
          case Huge _ -> VALUE_BYTES + PickleLimits.NUMBER_BYTES;
          case Whole number when PickleNumbers.isShared(number) -> 0;
          case Constant _, Inert _ -> 0;
          default -> VALUE_BYTES;
        };
    findings.charge(at, bytes);
    stack.push(value, at);
  }

  /** Pushes a value that is accounted for already. */
  private void pushAgain(PickleValue value) {
    stack.push(value, at);
  }

  private void protocol(boolean first) {
    int version = in.u1();
    if (!first) {
      throw findings.malformed(at, "a second pickle begins inside the first; it was tampered with");
    }
    if (version > NEWEST_PROTOCOL) {
      throw findings.malformed(at, "protocol " + version + " does not exist");
    }
  }

  private void frame() {
    if (at < frameEnd) {
      throw findings.malformed(at, "a frame begins inside another");
    }
    long length = in.i8();
    if (length < 0 || length > in.remaining()) {
      throw findings.malformed(at, "a frame is longer than the pickle");
    }
    frameEnd = in.position() + length;
  }

  private byte[] number() {
    return in.line(PickleLimits.NUMBER_CHARACTERS);
  }

  private <T> T text(Optional<T> value, String kind) {
    return value.orElseThrow(() -> findings.malformed(at, "this is not " + kind));
  }

  private void unicode(long length) {
    Text text = text(PickleText.utf8(in.bytes(length, PickleLimits.TEXT_BYTES)), "UTF-8");
    Text shared = sharedTexts.get(text.text());
    if (shared != null && shared.wellFormed() == text.wellFormed()) {
      pushAgain(shared);
      return;
    }
    if (sharedTexts.size() < SHARED_TEXTS && text.text().length() <= SHARED_TEXT_CHARACTERS) {
      sharedTexts.put(text.text(), text);
    }
    push(text);
  }

  private void skip(long length, Inert value) {
    in.skip(length);
    push(value);
  }

  private void skipped(int length, Inert value) {
    if (length == 0) {
      throw findings.malformed(at, "this is not a number");
    }
    push(value);
  }

  private List<PickleValue> popToMark() {
    List<PickleValue> values = stack.popToMark(at);
    findings.charge(at, (long) PickleCalls.ITEM_BYTES * values.size());
    return values;
  }

  private void fill(Sequence list) {
    calls.append(list, stack.popToMark(at), at);
    push(list);
  }

  private void fill(Mapping dict) {
    calls.setItems(dict, stack.popToMark(at), at);
    push(dict);
  }

  private String name() {
    byte[] line = in.line(PickleLimits.GLOBAL_NAME_BYTES);
    return text(PickleText.utf8(line), "UTF-8").text();
  }

  private Global global(String module, String name) {
    return findings.global(module, name, at);
  }

  private void stackGlobal() {
    PickleValue name = stack.pop(at);
    PickleValue module = stack.pop(at);
    if (!(name instanceof Text nameText) || !(module instanceof Text moduleText)) {
      throw findings.malformed(at, "the name of a class or function is not a text");
    }
    int length = Math.max(nameText.text().length(), moduleText.text().length());
    if (length > PickleLimits.GLOBAL_NAME_BYTES) {
      throw findings.tooMuch(at, "characters in a name", length, PickleLimits.GLOBAL_NAME_BYTES);
    }
    pushAgain(global(moduleText.text(), nameText.text()));
  }

  private void call(int keywordArguments) {
    for (int i = 0; i < keywordArguments; i++) {
      stack.pop(at);
    }
    PickleValue args = stack.pop(at);
    PickleValue callee = stack.pop(at);
    if (!(args instanceof Tuple tuple)) {
      throw findings.malformed(at, "arguments are " + args.kind() + ", not a tuple");
    }
    pushAgain(calls.call(callee, tuple.items(), at));
  }

  private void callFromMark() {
    List<PickleValue> values = stack.popToMark(at);
    if (values.isEmpty()) {
      throw findings.malformed(at, "nothing to call");
    }
    pushAgain(calls.call(values.getFirst(), values.subList(1, values.size()), at));
  }

  private static String hex(int opcode) {
    return String.format(Locale.ROOT, "0x%02X", opcode);
  }
}
