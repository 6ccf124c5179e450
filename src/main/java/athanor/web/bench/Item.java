package athanor.web.bench;

import athanor.error.Problem;
import athanor.job.inspect.SortedInput;
import athanor.merge.plan.Strength;
import athanor.recipe.InputRequest;
import athanor.recipe.LoraRequest;
import athanor.recipe.MixRequest;
import athanor.report.Shown;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An input on the page. Immutable.
 *
 * @param id its number, which no other input ever has
 * @param asked the file or link, and how strongly it is to be applied
 * @param mixing how it is mixed into the base; empty for a base and for LoRAs
 * @param found what it is, once it was looked at
 * @param failure why that cannot be said
 * @param on whether it takes part
 */
record Item(
    int id,
    LoraRequest asked,
    Optional<Mixing> mixing,
    Optional<SortedInput> found,
    Optional<Problem> failure,
    boolean on) {

  /**
   * How a checkpoint is mixed into the base.
   *
   * @param minus the checkpoint that it is a change from; empty for the base
   */
  record Mixing(Optional<InputRequest> minus) {}

  /** An input that is not looked at yet. */
  Item(int id, LoraRequest asked) {
    this(id, asked, Optional.empty(), Optional.empty(), Optional.empty(), true);
  }

  /** A checkpoint that is mixed into the base, not looked at yet. */
  Item(int id, MixRequest mixed) {
    this(
        id,
        new LoraRequest(mixed.model(), mixed.strength()),
        Optional.of(new Mixing(mixed.minus())),
        Optional.empty(),
        Optional.empty(),
        true);
  }

  /** The same, mixed into the base by this ratio. */
  Item mixed(double ratio) {
    LoraRequest share = asked.with(asked.strength().withRatios(ratio, Optional.empty()));
    return new Item(id, share, Optional.of(new Mixing(Optional.empty())), found, failure, true);
  }

  /** It as a checkpoint that is mixed into the base; empty if it is none. */
  Optional<MixRequest> mixRequest() {
    return mixing.map(how -> new MixRequest(asked.input(), how.minus(), asked.strength()));
  }

  boolean is(SortedInput.Role role) {
    return found.filter(input -> input.role() == role).isPresent();
  }

  Item found(SortedInput input) {
    return new Item(id, asked, mixing, Optional.of(input), Optional.empty(), on);
  }

  Item failed(Problem problem) {
    return new Item(id, asked, mixing, Optional.empty(), Optional.of(problem), on);
  }

  /** The same, to be looked at again. */
  Item again() {
    return new Item(id, asked, mixing, Optional.empty(), Optional.empty(), on);
  }

  Item with(boolean takesPart) {
    return new Item(id, asked, mixing, found, failure, takesPart);
  }

  /** The same with other ratios; weights of its parts stay. */
  Item with(double ratio, Optional<Double> te) {
    LoraRequest other = asked.with(asked.strength().withRatios(ratio, te));
    return new Item(id, other, mixing, found, failure, on);
  }

  /** As the page shows it. */
  View view(Optional<Integer> base) {
    Strength strength = asked.strength();
    return new View(
        id,
        found.map(SortedInput::name).orElseGet(() -> asked.input().shown()),
        asked.input().isLink() ? asked.input().portable() : asked.input().text(),
        kind(),
        base.filter(chosen -> chosen == id).isPresent(),
        mixing.isPresent(),
        mixing.flatMap(Mixing::minus).map(InputRequest::shown),
        found.map(SortedInput::what).orElse(""),
        found.map(SortedInput::bytes).orElse(OptionalLong.empty()),
        on,
        strength.ratio(),
        strength.textEncoderRatio(),
        strength.withRatios(1, Optional.empty()).partsText(),
        found.filter(SortedInput::hasRecipe).isPresent(),
        found.map(SortedInput::triggerWords).orElse(List.of()),
        failure.or(() -> found.flatMap(SortedInput::unread)));
  }

  private String kind() {
    if (failure.isPresent()) {
      return "unreadable";
    }
    return found
        .map(input ->
            switch (input.role()) {
              case CHECKPOINT -> "checkpoint";
              case LORA -> "lora";
              case OTHER -> "other";
            })
        .orElse("looking");
  }

  /**
   * An input as the page shows it.
   *
   * @param id its number
   * @param name its file name
   * @param source path or link, without secrets
   * @param kind {@code looking}, {@code checkpoint}, {@code lora}, {@code other} or {@code
   *     unreadable}
   * @param base whether it is the base
   * @param mixed whether it is mixed into the base
   * @param minus the checkpoint that it is a change from, if that is not the base
   * @param what it is in a few words
   * @param bytes its size
   * @param on whether it takes part
   * @param ratio its ratio
   * @param te the ratio of text encoders, if that is another
   * @param parts other weights of its parts, in words
   * @param hasRecipe whether it says how it was merged
   * @param triggerWords words that call its style
   * @param problem why it cannot be read, or only its listing
   */
  public record View(
      int id,
      String name,
      String source,
      String kind,
      boolean base,
      boolean mixed,
      Optional<String> minus,
      String what,
      OptionalLong bytes,
      boolean on,
      double ratio,
      Optional<Double> te,
      String parts,
      boolean hasRecipe,
      List<String> triggerWords,
      Optional<Problem> problem)
      implements Shown {}
}
