package athanor.analysis;

import athanor.adapter.PlacedModule;
import athanor.delta.Change;
import athanor.merge.plan.DeltaWeights;
import athanor.merge.plan.PlannedLora;
import athanor.model.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where LoRAs meet: every tensor that one of them adds to.
 *
 * @param all sorted by key
 * @param dependent for each LoRA, how many of its modules are left out because what they do depends
 *     on the weight, as DoRA's and OFT's
 */
public record Meetings(List<Meeting> all, List<Integer> dependent) {
  /** Copies the lists. */
  public Meetings {
    all = List.copyOf(all);
    dependent = List.copyOf(dependent);
  }

  /** Those of some LoRAs, which fit one checkpoint or one architecture. */
  public static Meetings of(List<PlannedLora> loras) {
    Map<String, Open> open = new TreeMap<>();
    Integer[] dependent = new Integer[loras.size()];
    Arrays.fill(dependent, 0);
    for (int lora = 0; lora < loras.size(); lora++) {
      DeltaWeights weights = loras.get(lora).deltaWeights();
      for (PlacedModule module : loras.get(lora).match().placed()) {
        double ratio = weights.factor(module);
        boolean depends = false;
        for (Change change : module.changes()) {
          switch (change) {
            case Change.Add add ->
                open.computeIfAbsent(
                        add.rows().key(), key -> new Open(module.target(), new ArrayList<>()))
                    .parts()
                    .add(new Meeting.Part(lora, add, ratio));
            case Change.Transform _, Change.Combine _ -> depends = true;
          }
        }
        dependent[lora] += depends ? 1 : 0;
      }
    }
    List<Meeting> all = new ArrayList<>();
    open.forEach((key, meeting) ->
        all.add(
            new Meeting(
                key, meeting.target().component(), meeting.target().block(), meeting.parts())));
    return new Meetings(all, List.of(dependent));
  }

  private record Open(Target target, List<Meeting.Part> parts) {}
}
