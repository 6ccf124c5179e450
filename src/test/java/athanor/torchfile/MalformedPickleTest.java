package athanor.torchfile;

import static athanor.torchfile.PickleProgram.EMPTY_DICT;
import static athanor.torchfile.PickleProgram.EMPTY_LIST;
import static athanor.torchfile.PickleProgram.EMPTY_TUPLE;
import static athanor.torchfile.PickleProgram.MARK;
import static athanor.torchfile.PickleProgram.NONE;
import static athanor.torchfile.PickleProgram.POP;
import static athanor.torchfile.PickleProgram.REDUCE;
import static athanor.torchfile.PickleProgram.SETITEM;
import static athanor.torchfile.PickleProgram.SETITEMS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pickles that break the rules of their language, and pickles that ask for too much. */
@Tag("hostile")
@Timeout(10)
class MalformedPickleTest extends TorchFileTestCase {

  /** The usual weights, and something odd before them that is thrown away. */
  private static byte[] after(Consumer<PickleProgram> odd) {
    return PickleProgram.begin().also(odd).op(POP).dict(PickleProgram::weights).stop();
  }

  private void assertAccepted(Consumer<PickleProgram> odd) {
    assertUsualWeights(openProgram(after(odd)));
  }

  private void assertRefused(Consumer<PickleProgram> odd, String words) {
    assertRefused(after(odd), words);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void p16AcceptsEveryProtocol(int protocol) {
    assertUsualWeights(
        openProgram(PickleProgram.empty().op(0x80, protocol).dict(PickleProgram::weights).stop()));
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 99, 255})
  void p16RefusesProtocolsThatDoNotExist(int protocol) {
    assertRefused(
        PickleProgram.empty().op(0x80, protocol).dict(PickleProgram::weights).stop(), "protocol");
  }

  @Test
  void p16RefusesASecondBeginning() {
    assertRefused(
        PickleProgram.begin().op(0x80, 2).dict(PickleProgram::weights).stop(), "second pickle");
    assertRefused(dict(p -> p.weights().op(0x80, 2)), "second pickle");
  }

  @Test
  void p17AcceptsFramesThatAreTrue() {
    byte[] body = dict(PickleProgram::weights);
    assertUsualWeights(
        openProgram(
            PickleProgram.empty()
                .op(0x80, 4, 0x95)
                .littleEndian(body.length - 2, 8)
                .raw(Arrays.copyOfRange(body, 2, body.length))
                .bytes()));
  }

  @Test
  void p17RefusesFramesThatLie() {
    Consumer<PickleProgram> tooLong = p -> p.op(0x95).littleEndian(1 << 20, 8).op(NONE);
    assertRefused(tooLong, "longer than the pickle");
    assertRefused(p -> p.op(0x95).littleEndian(-1, 8).op(NONE), "longer than the pickle");
    assertRefused(p -> p.op(0x95).littleEndian(3, 8).text("abcdef"), "across the end");
    assertRefused(
        p -> p.op(0x95).littleEndian(20, 8).op(0x95).littleEndian(1, 8).op(NONE), "inside another");
  }

  @Test
  void p18RefusesMemoEntriesThatAreNotThere() {
    assertRefused(p -> p.op('h', 7), "never set");
    assertRefused(p -> p.op('j').littleEndian(0xFFFF_FFFFL, 4), "never set");
    assertRefused(p -> p.raw("g5\n"), "never set");
    assertRefused(p -> p.raw("gx\n"), "never set");
    assertRefused(p -> p.op(NONE).raw("p-1\n"), "out of range");
    assertRefused(p -> p.op(NONE, 'r').littleEndian(0xFFFF_FFFFL, 4), "out of range");
  }

  @Test
  void p18AcceptsSparseMemoEntries() {
    assertAccepted(p ->
        p.op(NONE, 'r').littleEndian(0x7FFF_FFFF, 4).op(POP, 'j').littleEndian(0x7FFF_FFFF, 4));
    assertAccepted(p -> p.op(NONE).raw("p1000\n").op(POP).raw("g1000\n"));
  }

  @Test
  void p18BoundsTheMemo() {
    assertRefused(p -> p.op(NONE).repeat(10_000_000, q -> q.op(0x94)), "too many memo entries");
    assertRefused(
        p -> {
          p.op(NONE);
          for (int i = 0; i < 2_000_000; i++) {
            p.op('r').littleEndian(Integer.MAX_VALUE - i, 4);
          }
        },
        "too many bytes of memory");
  }

  @Test
  void p19WalksSharedListsOnce() {
    byte[] laughs =
        dict(p ->
            p.weights()
                .text("x")
                .op(EMPTY_LIST, 'q', 0)
                .also(q -> {
                  for (int level = 1; level <= 24; level++) {
                    int below = level - 1;
                    q.op(EMPTY_LIST, 'q', level, MARK).repeat(10, r -> r.op('h', below)).op('e');
                    q.op(0x86, 'q', 100, POP, 'h', level);
                  }
                }));
    assertUsualWeights(openProgram(laughs));
    assertAccepted(
        p -> p.op(EMPTY_LIST).repeat(60, q -> q.op('2', 0x86, EMPTY_LIST, '2', 'a', POP)));
  }

  @Test
  void p19WalksSharedDictsOnce() {
    byte[] laughs =
        PickleProgram.begin()
            .op(EMPTY_DICT, 'q', 0)
            .also(p -> {
              for (int level = 1; level <= 60; level++) {
                int below = level - 1;
                p.op(POP)
                    .dict(q ->
                        q.text("model")
                            .op('h', below)
                            .text("params")
                            .op('h', below)
                            .text("net")
                            .op('h', below))
                    .op('q', level);
              }
            })
            .stop();
    assertRefused(laughs, "no weights found");
  }

  @Test
  void p20NeverHashesContainers() {
    assertUsualWeights(
        openProgram(
            dict(p -> p.weights().op(EMPTY_TUPLE).repeat(60, q -> q.op('2', 0x86)).number(1))));
  }

  @Test
  void p21AcceptsOrRefusesDeepNestingWithoutOverflow() {
    assertAccepted(p -> p.op(EMPTY_TUPLE).repeat(500_000, q -> q.op(0x85)));
    assertAccepted(p -> p.repeat(400_000, q -> q.op(EMPTY_LIST)).repeat(399_999, q -> q.op('a')));
    assertRefused(p -> p.repeat(1_000_001, q -> q.op(EMPTY_LIST)), "too many");
    assertRefused(p -> p.repeat(1_000_000, q -> q.op(MARK)), "marks");
  }

  @Test
  void p21AcceptsContainersThatContainThemselves() {
    assertAccepted(p -> p.op(EMPTY_LIST, '2', 'a'));
    byte[] cycle =
        PickleProgram.begin().op(EMPTY_DICT, 'q', 0).text("model").op('h', 0, SETITEM).stop();
    assertRefused(cycle, "no weights found");
    byte[] withWeights =
        PickleProgram.begin()
            .op(EMPTY_DICT, 'q', 0, MARK)
            .weights()
            .text("state_dict")
            .op('h', 0, SETITEMS)
            .stop();
    assertUsualWeights(openProgram(withWeights));
  }

  @Test
  void p22BoundsNumbers() {
    assertAccepted(p -> p.op(0x8A, 255).raw(new byte[255]));
    assertAccepted(p -> p.op(0x8A, 0));
    assertAccepted(p -> p.raw("L12345678901234567890123456789L\n"));
    assertAccepted(p -> p.raw("I-7\n"));
    assertAccepted(p -> p.raw("Fnan\n").op(POP).raw("Finf\n"));
    assertRefused(p -> p.op(0x8B).littleEndian(Integer.MAX_VALUE, 4), "are left");
    assertRefused(p -> p.op(0x8B).littleEndian(-1, 4), "are left");
    assertRefused(p -> p.op(0x8B).littleEndian(256, 4).raw(new byte[256]), "too many");
    assertRefused(p -> p.raw("L" + "9".repeat(5_000_000) + "L\n"), "too many");
    assertRefused(p -> p.raw("I1e5\n"), "not a number");
    assertRefused(p -> p.raw("I1_0\n"), "not a number");
    assertRefused(p -> p.raw("L\n"), "not a number");
  }

  @Test
  void p23RefusesLengthsBeyondTheEndBeforeAllocating() {
    assertRefused(p -> p.op('X').littleEndian(0xFFFF_FFFFL, 4), "are left");
    assertRefused(p -> p.op(0x8D).littleEndian(Long.MIN_VALUE, 8), "are left");
    assertRefused(p -> p.op(0x8E).littleEndian(1L << 40, 8), "are left");
    assertRefused(p -> p.op(0x96).littleEndian(-1, 8), "are left");
    assertRefused(p -> p.op('B').littleEndian(0xFFFF_FFFFL, 4), "are left");
    assertRefused(p -> p.op('T').littleEndian(-1, 4).raw("abc"), "are left");
  }

  @Test
  void p23BoundsTexts() {
    byte[] long17MiB = new byte[17 << 20];
    Arrays.fill(long17MiB, (byte) 'x');
    assertRefused(p -> p.text(long17MiB), "too many bytes in one value");
  }

  @Test
  void p24RefusesTextsThatAreNotUtf8() {
    assertRefused(p -> p.text(new byte[] {(byte) 0xC0, (byte) 0xAF}), "not UTF-8");
    assertRefused(p -> p.text(new byte[] {(byte) 0xFF}), "not UTF-8");
    assertRefused(p -> p.text(new byte[] {(byte) 0xED, (byte) 0xA0}), "not UTF-8");
  }

  @Test
  void p24RefusesTensorsWhoseKeyHasALoneSurrogate() {
    byte[] surrogate = {'k', (byte) 0xED, (byte) 0xA0, (byte) 0x80};
    assertRefused(dict(p -> p.weights().text(surrogate).floats("0", 2)), "surrogate");
    assertUsualWeights(openProgram(dict(p -> p.weights().text(surrogate).number(1))));
  }

  @Test
  void p24AcceptsAnyOtherKey() {
    TorchFile file =
        openProgram(dict(p -> p.text("a\u0000\u001b").floats("0", 2).text("").floats("1", 2)));
    assertThat(read(file, "a\u0000\u001b")).containsExactly(1, 2);
    assertThat(read(file, "")).containsExactly(3, 4);
  }

  @Test
  void p24RefusesKeysThatAreTooLong() {
    assertRefused(dict(p -> p.weights().text("k".repeat(70_000)).floats("0", 2)), "key is longer");
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        '0', '2', 'R', 'a', 'b', 's', 'Q', 'q', 0x81, 0x85, 0x86, 0x87, 0x92, 0x93, 0x94, '1', 't',
        'e', 'u', 'd', 'l', 'o', 0x90, 0x91, '.'
      })
  void p25RefusesEveryOpcodeWithoutItsOperands(int opcode) {
    assertRefused(PickleProgram.begin().op(opcode, 0).stop(), "malformed pickle");
    assertRefused(PickleProgram.begin().op(NONE, MARK, opcode, 0, '.').bytes(), "malformed pickle");
  }

  @Test
  void p25RefusesOddItemCountsAndBadEnds() {
    assertRefused(p -> p.op(EMPTY_DICT, MARK).text("a").op(SETITEMS), "without a value");
    assertRefused(p -> p.op(MARK).text("a").op('d'), "without a value");
    assertRefused(PickleProgram.begin().dict(PickleProgram::weights).bytes(), "cut off");
    assertRefused(PickleProgram.begin().op(NONE).dict(PickleProgram::weights).stop(), "left over");
    assertRefused(PickleProgram.begin().op(MARK).dict(PickleProgram::weights).stop(), "left over");
    assertRefused(new byte[0], "cut off");
  }

  @Test
  void p26RefusesToFillWhatCannotBeFilled() {
    Consumer<PickleProgram> item = p -> p.text("k").number(1).op(SETITEM);
    assertRefused(p -> p.op(EMPTY_LIST).also(item), "filled like a dict");
    assertRefused(p -> p.op(EMPTY_TUPLE).also(item), "filled like a dict");
    assertRefused(p -> p.number(1).also(item), "filled like a dict");
    assertRefused(p -> p.text("x").also(item), "filled like a dict");
    assertRefused(p -> p.floats("0", 2).also(item), "filled like a dict");
    assertRefused(p -> p.storage("Float", "0", 2).also(item), "filled like a dict");
    assertRefused(p -> p.op(EMPTY_DICT).number(1).op('a'), "filled like a list");
    assertRefused(p -> p.op(EMPTY_TUPLE).number(1).op('a'), "filled like a list");
    assertRefused(p -> p.op(EMPTY_DICT, MARK).number(1).op('e'), "filled like a list");
    assertRefused(p -> p.op(EMPTY_LIST, MARK).number(1).op(0x90), "filled like a set");
    assertRefused(p -> p.op(EMPTY_LIST).op(NONE, 'b'), "given a state");
    assertRefused(p -> p.number(1).op(EMPTY_TUPLE, REDUCE), "called");
    assertRefused(p -> p.global("my.pkg", "X").op(EMPTY_LIST, REDUCE), "not a tuple");
  }

  @ParameterizedTest
  @ValueSource(ints = {0x82, 0x83, 0x84, 0x97, 0x98, 'P', 0xFF, 0x00, 'Z'})
  void p27RefusesOpcodesThatNeverOccur(int opcode) {
    assertRefused(p -> p.op(opcode, 1, 1, 1, 1), "opcode");
  }

  @Test
  void p28RefusesPersistentIdsThatAreNotStorages() {
    assertRefused(p -> p.text("0").op('Q'), "not a tuple");
    assertRefused(p -> p.op(EMPTY_TUPLE, 'Q'), "not a tuple");
    assertRefused(p -> p.tuple(q -> q.text("module").op(NONE).text("x")).op('Q'), "something else");
    for (int items : new int[] {3, 4, 6, 7}) {
      assertRefused(
          p -> p.tuple(q -> q.text("storage").repeat(items - 1, r -> r.text("0"))).op('Q'),
          "items, not 5");
    }
    assertRefused(
        p -> pid(p, q -> q.global("collections", "OrderedDict"), q -> q.number(2)), "class");
    assertRefused(p -> pid(p, q -> q.text("FloatStorage"), q -> q.number(2)), "a text");
    Consumer<PickleProgram> type = q -> q.global("torch", "FloatStorage");
    assertRefused(p -> pid(p, type, q -> q.number(-4)), "length");
    assertRefused(p -> pid(p, type, q -> q.number(1L << 62)), "length");
    assertRefused(p -> pid(p, type, q -> q.op('G').raw(new byte[8])), "length");
    assertRefused(p -> pid(p, type, q -> q.op(0x88)), "length");
    assertRefused(p -> pid(p, type, q -> q.raw("L99999999999999999999999L\n")), "length");
  }

  private static void pid(
      PickleProgram program, Consumer<PickleProgram> type, Consumer<PickleProgram> length) {
    program.tuple(p -> p.text("storage").also(type).text("0").text("cpu").also(length)).op('Q');
  }

  @Test
  void p40NeverAllocatesWhatACallAsksFor() {
    assertAccepted(p -> p.call("builtins", "bytearray", a -> a.number(30_000_000_000L)));
    assertAccepted(p ->
        p.call(
            "builtins",
            "list",
            a -> a.call("builtins", "range", b -> b.number(1_000_000_000_000_000_000L))));
    for (String codec : new String[] {"zlib", "rot13", "bz2", "hex", "latin1"}) {
      assertAccepted(p -> p.call("_codecs", "encode", a -> a.text("x".repeat(9)).text(codec)));
    }
  }

  @Test
  void boundsCopiesOfLongLists() {
    assertRefused(
        p ->
            p.op(EMPTY_LIST, MARK)
                .repeat(200_000, q -> q.number(1))
                .op('e', 'q', 0)
                .repeat(1000, q -> q.global("builtins", "list").op('h', 0, 0x85, REDUCE, POP)),
        "too many bytes of memory");
  }

  @Test
  void boundsArgumentsThatAreUsedAgainAndAgain() {
    assertRefused(
        p ->
            p.op(MARK)
                .repeat(500_000, q -> q.number(1))
                .op('t', 'q', 0, POP)
                .repeat(1_000_000, q -> q.global("m", "x").op('h', 0, REDUCE, POP)),
        "too many bytes of memory");
  }

  @Test
  void boundsOpcodes() {
    assertRefused(
        PickleProgram.begin().raw(noOperations(22_000_000)).dict(PickleProgram::weights).stop(),
        "too many opcodes");
  }

  private static byte[] noOperations(int count) {
    byte[] program = new byte[count];
    for (int i = 0; i < count; i += 2) {
      program[i] = (byte) NONE;
      program[i + 1] = (byte) POP;
    }
    return program;
  }
}
