package athanor.merge.lora;

import athanor.delta.LowRankFactors;
import athanor.kernel.Kernels;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * A module of a LoRA about to be written: tensors of known shape and type, whose values are
 * computed when they are needed.
 *
 * @param name the module, as the file will spell it
 * @param tensors its tensors with their whole keys
 * @param content where the values come from
 * @param memory heap that their computation takes, in bytes
 */
public record LoraModule(String name, List<TensorInfo> tensors, Content content, long memory) {

  /** Where the values of a module come from. */
  public sealed interface Content {}

  /**
   * Values that are computed, and rounded to the tensors' types by who stores them.
   *
   * @param values gives the float32 values of each tensor, row-major, in the order of {@code
   *     tensors}; called from any thread, once per writing; the arrays belong to the caller
   */
  public record Computed(Function<Kernels, List<float[]>> values) implements Content {}

  /**
   * The bytes of a tensor of an input as they are, for a module of one tensor of the same type and
   * shape.
   *
   * @param source the open input
   * @param tensor one of its tensors
   */
  public record Copied(StateDict source, TensorInfo tensor) implements Content {}

  /**
   * A tensor of an input stored as another type, for a module of one tensor of the same shape.
   * Infinities that it holds already are no overflow.
   *
   * @param source the open input
   * @param tensor one of its tensors, of an arithmetic type
   */
  public record Converted(StateDict source, TensorInfo tensor) implements Content {}

  /** Copies the list. */
  public LoraModule {
    tensors = List.copyOf(tensors);
  }

  /** A module whose values are {@linkplain Computed computed}, in little more than their memory. */
  public LoraModule(
      String name, List<TensorInfo> tensors, Function<Kernels, List<float[]>> values) {
    this(name, tensors, new Computed(values), asFloats(tensors));
  }

  private static long asFloats(List<TensorInfo> tensors) {
    return tensors.stream().mapToLong(t -> Float.BYTES * t.shape().elementCount()).sum();
  }

  /** This module with another statement of the heap that it takes, in bytes. */
  public LoraModule needing(long memory) {
    return new LoraModule(name, tensors, content, memory);
  }

  /** A tensor of an input under another key and type; its bytes as they are if that is its own. */
  public static LoraModule carried(StateDict source, TensorInfo tensor, String key, DType dtype) {
    List<TensorInfo> one = List.of(new TensorInfo(key, dtype, tensor.shape()));
    return dtype == tensor.dtype()
        ? new LoraModule(key, one, new Copied(source, tensor), 0)
        : new LoraModule(key, one, new Converted(source, tensor), asFloats(one));
  }

  /**
   * A low-rank pair. In kohya's format its alpha is stored with the type of the factors, or as
   * float32 where that type would change its value.
   *
   * @param name the module
   * @param format the spelling
   * @param delta shape of the update: {@code [out, in]} gives factors {@code [out, rank]} and
   *     {@code [rank, in]}; {@code [out, in, kh, kw]} gives {@code [out, rank, 1, 1]} and {@code
   *     [rank, in, kh, kw]}
   * @param rank the inner dimension, at least 1
   * @param alpha the stored alpha
   * @param dtype the type of the factors
   * @param factors computes the factors
   * @throws IllegalArgumentException if the format stores no alpha and alpha is not the rank
   */
  public static LoraModule pair(
      String name,
      LoraFormat format,
      Shape delta,
      int rank,
      double alpha,
      DType dtype,
      Function<Kernels, LowRankFactors> factors) {
    if (!format.hasAlpha() && alpha != rank) {
      throw new IllegalArgumentException(
          name + ": alpha " + alpha + " (expected: the rank, " + rank + ")");
    }
    List<TensorInfo> tensors = new ArrayList<>();
    if (format.hasAlpha()) {
      tensors.add(new TensorInfo(name + ".alpha", alphaType(alpha, dtype), Shape.of()));
    }
    tensors.add(new TensorInfo(format.downKey(name), dtype, downShape(delta, rank)));
    tensors.add(new TensorInfo(format.upKey(name), dtype, upShape(delta, rank)));
    return new LoraModule(
        name,
        tensors,
        kernels -> {
          LowRankFactors pair = factors.apply(kernels);
          return format.hasAlpha()
              ? List.of(new float[] {(float) alpha}, pair.down(), pair.up())
              : List.of(pair.down(), pair.up());
        });
  }

  /**
   * This module with more tensors.
   *
   * @throws IllegalStateException if its values are copied
   */
  public LoraModule and(List<TensorInfo> more, Function<Kernels, List<float[]>> moreValues) {
    if (!(content instanceof Computed(var values))) {
      throw new IllegalStateException(name + " is copied");
    }
    List<TensorInfo> all = new ArrayList<>(tensors);
    all.addAll(more);
    return new LoraModule(
            name,
            all,
            kernels -> {
              List<float[]> both = new ArrayList<>(values.apply(kernels));
              both.addAll(moreValues.apply(kernels));
              return both;
            })
        .needing(memory + asFloats(more));
  }

  /** Bytes that its tensors take in the file. */
  public long bytes() {
    return tensors.stream().mapToLong(TensorInfo::byteSize).sum();
  }

  /** Float32 where the factors' type has too few digits: 257 is no bf16 number. */
  public static DType alphaType(double alpha, DType factors) {
    boolean exact =
        switch (factors) {
          case F16 -> Float.float16ToFloat(Float.floatToFloat16((float) alpha)) == (float) alpha;
          case BF16 -> (Float.floatToRawIntBits((float) alpha) & 0xffff) == 0;
          default -> false;
        };
    return exact ? factors : DType.F32;
  }

  private static Shape upShape(Shape delta, int rank) {
    long[] dims = new long[delta.rank()];
    Arrays.fill(dims, 1);
    dims[0] = delta.dim(0);
    dims[1] = rank;
    return Shape.of(dims);
  }

  private static Shape downShape(Shape delta, int rank) {
    long[] dims = delta.dims();
    dims[0] = rank;
    return Shape.of(dims);
  }
}
