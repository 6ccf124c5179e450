package athanor.merge.method.mix;

import athanor.error.Problem;
import athanor.merge.method.MixMethod.Kind;
import java.util.List;
import java.util.Optional;

/** What methods need, said in the same words. */
final class Refusals {
  private Refusals() {}

  /** Changes from the base only: no checkpoint taken as a change from another one. */
  static Optional<Problem> unlessModels(String method, int least, int most, List<Kind> kinds) {
    boolean fits =
        kinds.stream().allMatch(kind -> kind == Kind.MODEL)
            && kinds.size() >= least
            && kinds.size() <= most;
    if (fits) {
      return Optional.empty();
    }
    String wanted =
        least == most
            ? count(least)
            : "at least " + count(least) + (most < Integer.MAX_VALUE ? ", at most " + most : "");
    return Optional.of(
        Problem.usage("method " + method + " combines the base with checkpoints that are mixed in")
            .found(found(kinds))
            .expected(wanted)
            .help("--base A --mix B@0.5 --method " + method));
  }

  /** Changes from other checkpoints only. */
  static Optional<Problem> unlessDifferences(String method, List<Kind> kinds) {
    return kinds.stream().allMatch(kind -> kind == Kind.DIFFERENCE)
        ? Optional.empty()
        : Optional.of(
            Problem.usage("method " + method + " adds differences of checkpoints")
                .found(found(kinds))
                .help("--base A --add B --minus C --ratio 0.8 --method " + method));
  }

  private static String count(int number) {
    return number + (number == 1 ? " checkpoint" : " checkpoints");
  }

  private static String found(List<Kind> kinds) {
    if (kinds.isEmpty()) {
      return "nothing beside the base";
    }
    return number(kinds, Kind.MODEL, " of --mix")
        + ", "
        + number(kinds, Kind.DIFFERENCE, " of --add")
        + ", "
        + number(kinds, Kind.LORA, " LoRAs");
  }

  private static String number(List<Kind> kinds, Kind kind, String what) {
    return kinds.stream().filter(kind::equals).count() + what;
  }
}
