package athanor.merge.lora.spelling;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterModule;
import athanor.error.Problem;
import athanor.model.Target;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The pairs of the parts of a fused module as one pair of the whole, without arithmetic: their
 * right factors one below the other, their left factors in blocks beside zeros. Parts with the same
 * right factor, such as those of a module that was split, share it. Used by one thread.
 */
final class JoinedPair {
  private final AdapterFile file;
  private final Target whole;
  private final List<Member> members = new ArrayList<>();

  private record Member(AdapterModule module, Target target, SpelledModule.Pair pair) {}

  JoinedPair(AdapterFile file, Target whole) {
    this.file = file;
    this.whole = whole;
  }

  /**
   * Adds a part.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if another has rows of it; of kind
   *     INCOMPATIBLE if its scale is another than theirs
   */
  void add(AdapterModule module, Target part, SpelledModule.Pair pair) {
    for (Member earlier : members) {
      if (earlier.target().overlaps(part)) {
        throw Problem.badFile("two modules of this file change the same weights")
            .at(file.name() + ", " + module.name())
            .found("some rows are those of " + earlier.module().name())
            .toException();
      }
      if (earlier.pair().scale() != pair.scale()) {
        throw Problem.incompatible("parts of a fused module cannot be joined into one pair")
            .at(file.name() + ", " + module.name())
            .found(
                "alpha / rank "
                    + pair.scale()
                    + ", and "
                    + earlier.pair().scale()
                    + " in "
                    + earlier.module().name())
            .expected("one scale, because the whole has one alpha")
            .help(
                "multiply the scales into the factors first: athanor convert "
                    + file.name()
                    + " --to lora --out plain.safetensors")
            .toException();
      }
    }
    members.add(new Member(module, part, pair));
  }

  /** The first part. */
  AdapterModule first() {
    return members.getFirst().module();
  }

  /** How many parts there are. */
  int members() {
    return members.size();
  }

  /** Whether it is one part with all rows, in another order. */
  boolean isReordered() {
    return members.size() == 1
        && members.getFirst().target().weight().count() == whole.weight().count();
  }

  /** The pair of the whole. */
  SpelledModule.Pair pair() {
    List<Member> distinct = new ArrayList<>();
    List<Long> columns = new ArrayList<>();
    List<Factor.Blocks.Block> blocks = new ArrayList<>();
    long rank = 0;
    for (Member member : members) {
      int same = 0;
      while (same < distinct.size() && !haveTheSameDown(distinct.get(same), member)) {
        same++;
      }
      if (same == distinct.size()) {
        distinct.add(member);
        columns.add(rank);
        rank += member.pair().rank();
      }
      blocks.add(
          new Factor.Blocks.Block(
              member.pair().up(),
              whole.weight().positionsOf(member.target().weight()),
              columns.get(same)));
    }
    Factor down =
        distinct.size() == 1
            ? distinct.getFirst().pair().down()
            : new Factor.Stacked(distinct.stream().map(member -> member.pair().down()).toList());
    Optional<TensorInfo> alpha =
        distinct.size() == 1 ? members.getFirst().pair().alpha() : Optional.empty();
    return new SpelledModule.Pair(
        new Factor.Blocks(whole.weight().count(), rank, blocks),
        down,
        members.getFirst().pair().scale(),
        alpha);
  }

  private static boolean haveTheSameDown(Member one, Member other) {
    return one.pair().down() instanceof Factor.Stored left
        && other.pair().down() instanceof Factor.Stored right
        && left.hasTheBytesOf(right);
  }
}
