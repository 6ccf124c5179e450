package athanor.torchfile;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Assembles pickle programs, opcode by opcode, honest or not. */
final class PickleProgram {
  static final int MARK = '(';
  static final int REDUCE = 'R';
  static final int BUILD = 'b';
  static final int SETITEM = 's';
  static final int SETITEMS = 'u';
  static final int POP = '0';
  static final int NONE = 'N';
  static final int FALSE = 0x89;
  static final int EMPTY_DICT = '}';
  static final int EMPTY_LIST = ']';
  static final int EMPTY_TUPLE = ')';

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** An empty program. */
  static PickleProgram empty() {
    return new PickleProgram();
  }

  /** A program of protocol 2. */
  static PickleProgram begin() {
    return new PickleProgram().op(0x80, 2);
  }

  PickleProgram op(int... bytes) {
    for (int one : bytes) {
      out.write(one);
    }
    return this;
  }

  PickleProgram raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  PickleProgram raw(String ascii) {
    return raw(ascii.getBytes(StandardCharsets.ISO_8859_1));
  }

  PickleProgram repeat(int times, Consumer<PickleProgram> part) {
    for (int i = 0; i < times; i++) {
      part.accept(this);
    }
    return this;
  }

  PickleProgram also(Consumer<PickleProgram> part) {
    part.accept(this);
    return this;
  }

  PickleProgram littleEndian(long value, int bytes) {
    byte[] all = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    out.write(all, 0, bytes);
    return this;
  }

  PickleProgram text(String text) {
    return text(text.getBytes(StandardCharsets.UTF_8));
  }

  PickleProgram text(byte[] utf8) {
    return op('X').littleEndian(utf8.length, 4).raw(utf8);
  }

  PickleProgram number(long value) {
    if (value >= 0 && value < 256) {
      return op('K', (int) value);
    }
    byte[] bytes = BigInteger.valueOf(value).toByteArray();
    return op(0x8A, bytes.length).littleEndian(value, bytes.length);
  }

  PickleProgram global(String module, String name) {
    return raw(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
  }

  PickleProgram tuple(Consumer<PickleProgram> items) {
    return op(MARK).also(items).op('t');
  }

  PickleProgram numbers(long... values) {
    return tuple(p -> {
      for (long value : values) {
        p.number(value);
      }
    });
  }

  PickleProgram call(String module, String name, Consumer<PickleProgram> args) {
    return global(module, name).tuple(args).op(REDUCE);
  }

  /** A dict; its content is a sequence of keys and values. */
  PickleProgram dict(Consumer<PickleProgram> content) {
    return op(EMPTY_DICT, MARK).also(content).op(SETITEMS);
  }

  PickleProgram orderedDict() {
    return global("collections", "OrderedDict").op(EMPTY_TUPLE, REDUCE);
  }

  /** A storage of a class in {@code torch}. */
  PickleProgram storage(String type, String key, long length) {
    return tuple(p ->
            p.text("storage")
                .global("torch", type + "Storage")
                .text(key)
                .text("cpu")
                .number(length))
        .op('Q');
  }

  /** A view of a storage, by {@code _rebuild_tensor_v2}. */
  PickleProgram tensor(
      String type, String storage, long length, long offset, long[] size, long[] stride) {
    return call(
        "torch._utils",
        "_rebuild_tensor_v2",
        p ->
            p.storage(type, storage, length)
                .number(offset)
                .numbers(size)
                .numbers(stride)
                .op(FALSE)
                .orderedDict());
  }

  /** A vector of float32 that is all of its storage. */
  PickleProgram floats(String storage, long length) {
    return tensor("Float", storage, length, 0, new long[] {length}, new long[] {1});
  }

  /** The entries {@code a} and {@code b}: two vectors of two float32 in the storages 0 and 1. */
  PickleProgram weights() {
    return text("a").floats("0", 2).text("b").floats("1", 2);
  }

  /** The finished program. */
  byte[] stop() {
    return op('.').bytes();
  }

  /** The program so far, without an end. */
  byte[] bytes() {
    return out.toByteArray();
  }
}
