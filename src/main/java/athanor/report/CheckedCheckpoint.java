package athanor.report;

import athanor.job.CheckpointComparison;
import athanor.job.PreparedMerge;
import athanor.merge.plan.MixedModel;
import athanor.model.Component;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.tensor.StateDict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A checkpoint that was judged against the base that it is to be combined with.
 *
 * @param file its name
 * @param minus the file that it would be taken as a change from, if that is not the base
 * @param ratio its ratio
 * @param tensors number of tensors of the base that could be combined
 * @param combined number of them that it would contribute to
 * @param relativeChange ‖B − A‖ / ‖A‖, estimated from samples; absent for what is not here yet
 * @param components the same by component
 * @param verdict what it is to the base, in words
 */
@LineName("checkpoint")
public record CheckedCheckpoint(
    String file,
    Optional<String> minus,
    double ratio,
    int tensors,
    int combined,
    Optional<Double> relativeChange,
    Optional<List<ComparedPart>> components,
    String verdict)
    implements Result {
  private static final double RELATED = 0.5;

  /** The checkpoints of an opened merge; reads a few thousand values of each weight. */
  public static List<CheckedCheckpoint> of(PreparedMerge merge) {
    List<MixedModel> models = merge.mix().models();
    List<CheckedCheckpoint> all = new ArrayList<>();
    if (models.isEmpty()) {
      return all;
    }
    int[] reached = merge.mix().contributions(merge.base(), merge.model());
    int combinable = merge.mix().combinable(merge.base(), merge.model());
    for (int i = 0; i < models.size(); i++) {
      all.add(of(merge, models.get(i), combinable, reached[i]));
    }
    return all;
  }

  private static CheckedCheckpoint of(
      PreparedMerge merge, MixedModel mixed, int combinable, int reached) {
    StateDict file = mixed.model().file();
    Optional<CheckpointComparison> compared =
        Optional.of(file)
            .filter(other -> other.isHere() && merge.base().isHere())
            .map(other ->
                CheckpointComparison.of(
                    merge.base(),
                    merge.model(),
                    mixed.model(),
                    CheckpointComparison.Extent.SAMPLES,
                    1,
                    Progress.NONE,
                    new Cancellation()));
    return new CheckedCheckpoint(
        file.name(),
        mixed.minus().map(minus -> minus.file().name()),
        mixed.strength().ratio(),
        combinable,
        reached,
        compared.map(found -> found.all().relativeChange()),
        compared.map(found -> ComparedPart.of(found.components())),
        compared.map(CheckedCheckpoint::words).orElse("not here yet"));
  }

  private static String words(CheckpointComparison found) {
    CheckpointComparison.Part all = found.all();
    if (all.identical() == all.tensors()) {
      return "the same values as the base";
    }
    boolean sameVae =
        found.component(Component.VAE).filter(vae -> vae.identical() == vae.tensors()).isPresent();
    String kin =
        all.relativeChange() < RELATED
            ? "a relative of the base"
            : "hardly related to the base: mixed weights may not work";
    return kin + (sameVae ? ", identical VAE" : "");
  }

  /** What to call it: {@code B}, or {@code B − C}. */
  public String name() {
    return file + minus.map(other -> " − " + other).orElse("");
  }
}
