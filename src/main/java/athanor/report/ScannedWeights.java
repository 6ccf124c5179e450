package athanor.report;

import athanor.job.inspect.WeightScan;
import athanor.tensor.TensorInfo;
import java.util.List;

/**
 * What reading every weight of a file brought to light.
 *
 * @param sound whether every value is a number and every checksum right
 * @param bytes how much was read
 * @param nonFinite tensors with NaN or infinite values
 * @param allZero names of large tensors of nothing but zeros
 * @param smallAllZero number of small tensors of nothing but zeros
 * @param wrongChecksum entries of a PyTorch archive whose checksum is not the stated one
 * @param zeroTensors the large tensors of nothing but zeros, with their sizes
 */
public record ScannedWeights(
    boolean sound,
    long bytes,
    List<NonFinite> nonFinite,
    List<String> allZero,
    int smallAllZero,
    List<String> wrongChecksum,
    @ForText List<ZeroTensor> zeroTensors) {

  /**
   * A tensor with values that are no numbers.
   *
   * @param key its name
   * @param nan how many values are NaN
   * @param infinite how many are infinite
   * @param values how many values it has
   */
  public record NonFinite(String key, long nan, long infinite, @ForText long values) {}

  /**
   * A tensor of nothing but zeros.
   *
   * @param key its name
   * @param bytes its size
   */
  public record ZeroTensor(String key, long bytes) {}

  static ScannedWeights of(WeightScan scan) {
    return new ScannedWeights(
        scan.isSound(),
        scan.bytes(),
        scan.nonFinite().stream()
            .map(found ->
                new NonFinite(
                    found.tensor().key(),
                    found.nan(),
                    found.infinite(),
                    found.tensor().shape().elementCount()))
            .toList(),
        scan.zero().stream().map(TensorInfo::key).toList(),
        scan.smallZero(),
        scan.damagedStorages(),
        scan.zero().stream().map(t -> new ZeroTensor(t.key(), t.byteSize())).toList());
  }
}
