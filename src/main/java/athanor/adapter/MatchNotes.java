package athanor.adapter;

import athanor.adapter.format.StoredDifference;
import athanor.delta.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What of a LoRA is left out or doubtful, in grouped sentences. */
final class MatchNotes {
  private MatchNotes() {}

  static List<String> of(AdapterFile file, List<ModuleMatch> modules, LeftOut leftOut) {
    Map<String, Integer> missing = new TreeMap<>();
    Map<String, String> examples = new TreeMap<>();
    int repeated = 0;
    int mixed = 0;
    int zero = 0;
    for (ModuleMatch match : modules) {
      AdapterModule module = match.module();
      if (match.outcome() instanceof ModuleOutcome.WithoutTarget(String reason, _)) {
        missing.merge(reason, 1, Integer::sum);
        examples.putIfAbsent(reason, module.name());
      } else if (match.outcome() instanceof ModuleOutcome.Repeated) {
        repeated++;
      } else if (match.outcome() instanceof ModuleOutcome.Applied applied) {
        mixed += module.hasPair() && hasDifference(module) ? 1 : 0;
        zero += applied.changes().stream().allMatch(Change::changesNothing) ? 1 : 0;
      }
    }
    List<String> notes = new ArrayList<>();
    missing.forEach((reason, count) ->
        notes.add(modules(count) + " left out: " + reason + " (" + examples.get(reason) + ")"));
    leftOut
        .share()
        .ifPresent(share -> notes.add("what is left out is " + share + " of this LoRA's effect"));
    if (repeated > 0) {
      notes.add(modules(repeated) + " stored twice with the same values, counted once");
    }
    if (mixed > 0) {
      notes.add(modules(mixed) + " with both a pair and a full difference: both are added");
    }
    if (zero > 0) {
      notes.add(modules(zero) + " with alpha 0: they change nothing");
    }
    notes.addAll(file.notes());
    if (!file.otherKeys().isEmpty()) {
      notes.add(
          file.otherKeys().size()
              + " keys left out that belong to no module ("
              + file.otherKeys().getFirst()
              + ")");
    }
    return notes;
  }

  private static boolean hasDifference(AdapterModule module) {
    return module.tensor(StoredDifference.WEIGHT).isPresent();
  }

  private static String modules(int count) {
    return count == 1 ? "1 module" : count + " modules";
  }
}
