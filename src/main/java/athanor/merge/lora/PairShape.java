package athanor.merge.lora;

import athanor.adapter.AdapterModule;
import athanor.adapter.format.Lora;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.Optional;

/**
 * The outer form of a low-rank pair, which a change of its rank keeps.
 *
 * @param rows outputs
 * @param columns inputs, times the kernel's size for a convolution
 * @param rank rank of the pair as stored
 * @param convolution whether its factors are 4-D
 * @param inputs inputs without the kernel
 * @param kernelHeight 1 for linear layers
 * @param kernelWidth 1 for linear layers
 */
public record PairShape(
    int rows,
    int columns,
    int rank,
    boolean convolution,
    int inputs,
    int kernelHeight,
    int kernelWidth) {

  /** The shape of a module that holds a pair. */
  public static PairShape of(AdapterModule module) {
    Shape up = module.tensor(Lora.UP).orElseThrow().shape();
    Shape down = module.tensor(Lora.DOWN).orElseThrow().shape();
    Optional<Shape> mid = module.tensor(Lora.MID).map(TensorInfo::shape);
    Shape spatial = mid.orElse(down);
    boolean convolution = spatial.rank() == 4;
    int height = convolution ? Math.toIntExact(spatial.dim(2)) : 1;
    int width = convolution ? Math.toIntExact(spatial.dim(3)) : 1;
    int inputs = Math.toIntExact(mid.isPresent() || convolution ? down.dim(1) : down.columns());
    return new PairShape(
        Math.toIntExact(up.rows()),
        inputs * height * width,
        Math.toIntExact(up.columns()),
        convolution,
        inputs,
        height,
        width);
  }

  /** The form of the pair that changes a weight of this shape. */
  public static PairShape ofWeight(Shape weight) {
    boolean convolution = weight.rank() == 4;
    return new PairShape(
        Math.toIntExact(weight.rows()),
        Math.toIntExact(weight.columns()),
        Math.toIntExact(Math.min(weight.rows(), weight.columns())),
        convolution,
        Math.toIntExact(weight.dim(1)),
        convolution ? Math.toIntExact(weight.dim(2)) : 1,
        convolution ? Math.toIntExact(weight.dim(3)) : 1);
  }

  /** The left factor's shape: {@code [out, rank]} or {@code [out, rank, 1, 1]}. */
  public Shape up(int newRank) {
    return convolution ? Shape.of(rows, newRank, 1, 1) : Shape.of(rows, newRank);
  }

  /** The right factor's shape: {@code [rank, in]} or {@code [rank, in, kh, kw]}. */
  public Shape down(int newRank) {
    return convolution
        ? Shape.of(newRank, inputs, kernelHeight, kernelWidth)
        : Shape.of(newRank, inputs);
  }

  /** The most a rank can be. */
  public int largestRank() {
    return Math.min(rank, Math.min(rows, columns));
  }

  /** Bytes that one more rank takes. */
  public long bytesPerRank(DType dtype) {
    return (long) (rows + columns) * dtype.bytes();
  }

  /** Bytes of both factors as float32: the measure of a module's work. */
  public long work() {
    return (long) (rows + columns) * rank * Float.BYTES;
  }
}
