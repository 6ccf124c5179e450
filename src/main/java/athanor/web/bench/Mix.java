package athanor.web.bench;

import athanor.job.inspect.SortedInput;
import athanor.merge.method.LoraMethods;
import athanor.merge.method.Method;
import athanor.merge.method.mix.MixMethods;
import athanor.merge.plan.MergeOptions;
import athanor.recipe.InputRequest;
import athanor.recipe.LoraRequest;
import athanor.recipe.MergeRequest;
import athanor.recipe.MixRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The inputs of a merge in the making. Immutable.
 *
 * @param items all of them, in the order in which they came
 * @param base the number of the base; empty if none is a checkpoint
 * @param opened the merge that a recipe described: everything of it that is no input on the page
 */
record Mix(List<Item> items, Optional<Integer> base, Optional<MergeRequest> opened) {
  static final Mix EMPTY = new Mix(List.of(), Optional.empty(), Optional.empty());

  /** Copies the list. */
  Mix {
    items = List.copyOf(items);
  }

  /** What a recipe describes. */
  static Mix of(List<Item> items, Optional<Integer> base, MergeRequest opened) {
    return new Mix(items, base, Optional.of(opened));
  }

  Mix with(Item item) {
    return new Mix(Stream.concat(items.stream(), Stream.of(item)).toList(), base, opened).settled();
  }

  Mix with(int id, UnaryOperator<Item> change) {
    List<Item> next =
        items.stream().map(item -> item.id() == id ? change.apply(item) : item).toList();
    return new Mix(next, base, opened).settled();
  }

  Mix without(int id) {
    List<Item> left = items.stream().filter(item -> item.id() != id).toList();
    return left.isEmpty()
        ? EMPTY
        : new Mix(left, base.filter(chosen -> chosen != id), opened).settled();
  }

  Mix withBase(int id) {
    return new Mix(items, Optional.of(id), opened);
  }

  /** The first checkpoint is the base, unless another was chosen. */
  private Mix settled() {
    if (base.isPresent()) {
      return this;
    }
    Optional<Integer> first =
        items.stream()
            .filter(item -> item.is(SortedInput.Role.CHECKPOINT) && item.mixing().isEmpty())
            .map(Item::id)
            .findFirst();
    return new Mix(items, first, opened);
  }

  /** Whether everything was looked at. */
  boolean isKnown() {
    return items.stream().allMatch(item -> item.found().isPresent() || item.failure().isPresent());
  }

  /** Whether a command line with base, further checkpoints and LoRAs says all of it. */
  boolean isPlain() {
    boolean spoken =
        items.stream()
            .allMatch(item ->
                item.asked().strength().elements().isEmpty()
                    && item.mixing().flatMap(Item.Mixing::minus).isEmpty());
    return spoken
        && opened
            .map(recipe ->
                recipe.method().equals(standard(recipe.base().isPresent()))
                    && !recipe.fixPositions()
                    && recipe.options().equals(MergeOptions.defaults()))
            .orElse(true);
  }

  private static Method standard(boolean hasBase) {
    return hasBase ? MixMethods.LIST.standard() : LoraMethods.standard();
  }

  /** What a recipe asks for besides base and LoRAs, in words; empty if nothing. */
  List<String> extras() {
    List<String> words = new ArrayList<>();
    opened.ifPresent(recipe -> {
      recipe.vae().ifPresent(vae -> words.add("takes the VAE of " + vae.shown()));
      if (recipe.fixPositions()) {
        words.add("puts position ids right");
      }
      if (!recipe.options().equals(MergeOptions.defaults())) {
        words.add("has options of its own");
      }
    });
    return words;
  }

  /** The LoRAs that take part. */
  private List<Item> loras() {
    return items.stream()
        .filter(Item::on)
        .filter(item -> base.isEmpty() || item.id() != base.get())
        .filter(item -> item.is(SortedInput.Role.LORA))
        .toList();
  }

  /** The checkpoints that are mixed into the base. */
  private List<MixRequest> mixed() {
    return items.stream()
        .filter(item -> item.on() && (base.isEmpty() || item.id() != base.get()))
        .flatMap(item -> item.mixRequest().stream())
        .toList();
  }

  /** The numbers of the LoRAs of {@link #request}, in its order. */
  List<Integer> rows() {
    return loras().stream().map(Item::id).toList();
  }

  /** The merge; empty as long as nothing would be merged. */
  Optional<MergeRequest> request() {
    List<LoraRequest> loras = loras().stream().map(Item::asked).toList();
    Optional<InputRequest> into =
        items.stream()
            .filter(item -> base.isPresent() && item.id() == base.get())
            .map(item -> item.asked().input())
            .findFirst();
    List<MixRequest> mixed = into.isPresent() ? mixed() : List.of();
    if (loras.isEmpty() && mixed.isEmpty()) {
      return Optional.empty();
    }
    Optional<MergeRequest> recipe = opened.filter(o -> o.base().isPresent() == into.isPresent());
    return Optional.of(
        new MergeRequest(
            into,
            mixed,
            loras,
            recipe.flatMap(MergeRequest::vae),
            recipe.map(MergeRequest::fixPositions).orElse(false),
            recipe.map(MergeRequest::options).orElse(MergeOptions.defaults()),
            recipe.map(MergeRequest::method).orElseGet(() -> standard(into.isPresent())),
            false));
  }
}
