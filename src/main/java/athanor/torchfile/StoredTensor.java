package athanor.torchfile;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.torchfile.pickle.PickleValue.StorageReference;
import athanor.torchfile.pickle.PickleValue.StorageView;
import athanor.torchfile.pickle.PickleValue.Strided;
import athanor.torchfile.pickle.TorchType;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A tensor of the state dict and where its values are.
 *
 * @param info key, type and shape
 * @param storage first byte of its storage in the file
 * @param view which elements of the storage it has
 */
record StoredTensor(TensorInfo info, long storage, StridedView view) {

  /** First byte of its values in the file. */
  long position() {
    return storage + view.position();
  }

  /** Why a tensor is not what it claims; made into a message by the caller. */
  static final class Unsound extends Exception {
    private static final long serialVersionUID = 1L;

    Unsound(String reason) {
      super(reason);
    }
  }

  /**
   * Checks a description against the storage it refers to, with exact arithmetic.
   *
   * @param storage first byte of the storage in the file
   * @param storageBytes bytes of the storage, which the storage reference agrees with
   */
  static StoredTensor of(String key, Strided tensor, long storage, long storageBytes)
      throws Unsound {
    TorchType type = tensor.type();
    DType dtype =
        type.dtype().orElseThrow(() -> new Unsound("it is of the type " + type.torchName()));
    long[] size = numbers(tensor.size(), "size");
    long[] stride = numbers(tensor.stride(), "stride");
    if (size.length != stride.length) {
      throw new Unsound("it has " + size.length + " sizes but " + stride.length + " strides");
    }
    if (tensor.offset() < 0) {
      throw new Unsound("its offset is negative");
    }
    try {
      Shape shape = Shape.of(shape(size, dtype));
      var info = new TensorInfo(key, dtype, shape);
      info.byteSize();
      long first = checkedOffset(tensor, size, stride, storageBytes);
      return new StoredTensor(info, storage, new StridedView(first, size, stride, type.width()));
    } catch (ArithmeticException e) {
      throw new Unsound("its size exceeds all bounds");
    }
  }

  /** The offset within the whole storage; an old-style view of the storage shifts and bounds it. */
  private static long checkedOffset(Strided tensor, long[] size, long[] stride, long storageBytes)
      throws Unsound {
    if (LongStream.of(size).anyMatch(dim -> dim == 0)) {
      return 0;
    }
    StorageReference reference = tensor.storage();
    StorageView part = reference.view();
    if (part != null && reference.type() != tensor.type()) {
      throw new Unsound("it views a part of a storage as another type");
    }
    long shift = part == null ? 0 : part.offset();
    long elements = storageBytes / tensor.type().width();
    long visible = part == null ? elements : Math.addExact(shift, part.length());
    if (visible > elements) {
      throw new Unsound("it views a part beyond the end of its storage");
    }
    long offset = Math.addExact(shift, tensor.offset());
    long last = offset;
    for (int d = 0; d < size.length; d++) {
      last = Math.addExact(last, Math.multiplyExact(size[d] - 1, stride[d]));
    }
    if (last >= visible) {
      throw new Unsound(
          "its last element is number " + last + " of a storage with " + visible + " elements");
    }
    return offset;
  }

  private static long[] numbers(List<Long> values, String what) throws Unsound {
    long[] numbers = values.stream().mapToLong(Long::longValue).toArray();
    for (long number : numbers) {
      if (number < 0) {
        throw new Unsound("its " + what + " is negative");
      }
    }
    return numbers;
  }

  /** PyTorch counts pairs of F4 elements in the last dimension. */
  private static long[] shape(long[] size, DType dtype) throws Unsound {
    if (dtype != DType.F4) {
      return size;
    }
    if (size.length == 0) {
      throw new Unsound("it is a scalar of half a byte");
    }
    long[] shape = size.clone();
    shape[size.length - 1] = Math.multiplyExact(shape[size.length - 1], 2L);
    return shape;
  }
}
