package athanor.report;

import athanor.job.CheckpointComparison;
import athanor.job.session.DiffJob;
import java.util.List;

/**
 * Two checkpoints, compared.
 *
 * @param a the first file
 * @param b the second
 * @param architecture of both
 * @param tensors number of weights that both have
 * @param identical number of them with the same values
 * @param relativeChange ‖B − A‖ / ‖A‖ over all of them
 * @param onlyInA number of weights that only the first has
 * @param onlyInB number of weights that only the second has
 * @param otherShape number of weights that have other shapes
 * @param components the same by component
 * @param blocks the denoiser by block
 * @param largest the weights with the largest relative change
 */
@LineName("diff")
public record ComparedFiles(
    String a,
    String b,
    String architecture,
    int tensors,
    int identical,
    double relativeChange,
    int onlyInA,
    int onlyInB,
    int otherShape,
    List<ComparedPart> components,
    List<ComparedPart> blocks,
    List<ComparedWeight> largest)
    implements Result {

  /**
   * A weight.
   *
   * @param key in the first file
   * @param relativeChange ‖B − A‖ / ‖A‖
   */
  public record ComparedWeight(String key, double relativeChange) {}

  /**
   * A finished comparison.
   *
   * @param most how many of the largest changes are listed
   */
  public static ComparedFiles of(DiffJob.Compared compared, int most) {
    CheckpointComparison found = compared.comparison();
    return new ComparedFiles(
        compared.a(),
        compared.b(),
        compared.architecture().label(),
        found.all().tensors(),
        found.all().identical(),
        found.all().relativeChange(),
        found.onlyInA().size(),
        found.onlyInB().size(),
        found.otherShape().size(),
        ComparedPart.of(found.components()),
        ComparedPart.of(found.blocks()),
        found.weights().stream()
            .filter(weight -> !weight.identical())
            .limit(most)
            .map(weight -> new ComparedWeight(weight.key(), weight.relativeChange()))
            .toList());
  }
}
