package athanor.torchfile.pickle;

import athanor.tensor.DType;
import athanor.tensor.TensorInfo;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes the pickle of a state dict in protocol 2, the one that PyTorch's {@code weights_only}
 * loader of every version reads: each tensor packed, in a storage of its own whose key is its
 * index. No memo.
 */
public final class StateDictPickle {
  /** Python's own pickler fills dicts in batches of this size. */
  private static final int BATCH = 1000;

  private static final int MARK = '(';
  private static final int TUPLE = 't';

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private StateDictPickle() {}

  /** The pickle of tensors, in a dict under {@code state_dict} or bare. */
  public static byte[] of(List<TensorInfo> tensors, boolean underStateDict) {
    var pickle = new StateDictPickle();
    pickle.opcodes(0x80, 2);
    if (underStateDict) {
      pickle.opcodes('}');
      pickle.text("state_dict");
    }
    pickle.dict(tensors);
    if (underStateDict) {
      pickle.opcodes('s');
    }
    pickle.opcodes('.');
    return pickle.out.toByteArray();
  }

  private void dict(List<TensorInfo> tensors) {
    opcodes('}');
    for (int start = 0; start < tensors.size(); start += BATCH) {
      opcodes(MARK);
      for (int i = start; i < Math.min(start + BATCH, tensors.size()); i++) {
        text(tensors.get(i).key());
        tensor(tensors.get(i), i);
      }
      opcodes('u');
    }
  }

  private void tensor(TensorInfo tensor, int index) {
    TorchType type = TorchType.of(tensor.dtype()).orElseThrow();
    long[] size = torchSize(tensor);
    boolean typedStorage = type.storagePrefix().isPresent();
    global("torch._utils", typedStorage ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3");
    opcodes(MARK);
    storage(tensor, type, index);
    number(0);
    tuple(size);
    tuple(strides(size));
    opcodes(0x89);
    global("collections", "OrderedDict");
    opcodes(')', 'R');
    if (!typedStorage) {
      global("torch", type.torchName());
    }
    opcodes(TUPLE, 'R');
  }

  private void storage(TensorInfo tensor, TorchType type, int index) {
    opcodes(MARK);
    text("storage");
    if (type.storagePrefix().isPresent()) {
      global("torch", type.storagePrefix().get() + "Storage");
    } else {
      global("torch.storage", "UntypedStorage");
    }
    text(Integer.toString(index));
    text("cpu");
    number(type.storagePrefix().isPresent() ? tensor.shape().elementCount() : tensor.byteSize());
    opcodes(TUPLE, 'Q');
  }

  private static long[] torchSize(TensorInfo tensor) {
    long[] size = tensor.shape().dims();
    if (tensor.dtype() == DType.F4) {
      size[size.length - 1] /= 2;
    }
    return size;
  }

  private static long[] strides(long[] size) {
    long[] strides = new long[size.length];
    long next = 1;
    for (int d = size.length - 1; d >= 0; d--) {
      strides[d] = next;
      next = Math.multiplyExact(next, Math.max(size[d], 1));
    }
    return strides;
  }

  private void opcodes(int... bytes) {
    for (int opcode : bytes) {
      out.write(opcode);
    }
  }

  private void global(String module, String name) {
    out.write('c');
    out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  private void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.write('X');
    littleEndian(utf8.length, Integer.BYTES);
    out.writeBytes(utf8);
  }

  private void tuple(long[] numbers) {
    switch (numbers.length) {
      case 0 -> opcodes(')');
      case 1, 2, 3 -> {
        numbers(numbers);
        opcodes(0x84 + numbers.length);
      }
      default -> {
        opcodes(MARK);
        numbers(numbers);
        opcodes(TUPLE);
      }
    }
  }

  private void numbers(long[] numbers) {
    for (long number : numbers) {
      number(number);
    }
  }

  private void number(long number) {
    if (number < 1 << 8) {
      out.write('K');
      littleEndian(number, 1);
    } else if (number < 1 << 16) {
      out.write('M');
      littleEndian(number, 2);
    } else if (number <= Integer.MAX_VALUE) {
      out.write('J');
      littleEndian(number, 4);
    } else {
      byte[] bigEndian = BigInteger.valueOf(number).toByteArray();
      opcodes(0x8A, bigEndian.length);
      littleEndian(number, bigEndian.length);
    }
  }

  private void littleEndian(long number, int bytes) {
    byte[] all =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
    out.write(all, 0, bytes);
  }
}
