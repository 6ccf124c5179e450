package athanor.recipe;

import athanor.error.Problem;
import athanor.merge.method.MethodParameter;
import athanor.merge.method.ParameterType;
import athanor.merge.plan.AverageFate;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Precision;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** How {@link MergeOptions} are named in recipes and in metadata. */
public final class OptionsForm {
  private static final String KEEP = "keep";

  private static final MethodParameter<Precision> PRECISION =
      word("precision", Precision.NAMES, Precision::parse);

  private static final MethodParameter<Saved> SAVE_PRECISION =
      word("save_precision", Precision.NAMES + ", or " + KEEP, Saved::parse);

  private static final MethodParameter<Boolean> SKIP_INCOMPATIBLE = truth("skip_incompatible");
  private static final MethodParameter<Boolean> ALLOW_NON_FINITE = truth("allow_non_finite");
  private static final MethodParameter<Boolean> ALLOW_PARTIAL = truth("allow_partial");
  private static final MethodParameter<Boolean> PRUNE_EMA = truth("prune_ema");
  private static final MethodParameter<Boolean> EMA_TOO = truth("ema_too");

  private OptionsForm() {}

  /** A stored precision; empty for that of the base. */
  private record Saved(Optional<Precision> precision) {
    static Optional<Saved> parse(String name) {
      return name.equals(KEEP)
          ? Optional.of(new Saved(Optional.empty()))
          : Precision.parse(name).map(precision -> new Saved(Optional.of(precision)));
    }
  }

  private static <T> MethodParameter<T> word(
      String key, String expected, java.util.function.Function<String, Optional<T>> parser) {
    return new MethodParameter<>(
        key, List.of(), "", new ParameterType.Word<>(key, expected, parser), "");
  }

  private static MethodParameter<Boolean> truth(String key) {
    return new MethodParameter<>(key, List.of(), "", ParameterType.asked(), "");
  }

  /** The options that a form gives; what it does not say is as by default. */
  public static MergeOptions read(ParameterSource form, boolean writeMetadata) {
    return new MergeOptions(
        form.value(PRECISION).orElse(Precision.FLOAT),
        form.value(SAVE_PRECISION).flatMap(Saved::precision),
        writeMetadata,
        form.value(SKIP_INCOMPATIBLE).orElse(false),
        form.value(ALLOW_NON_FINITE).orElse(false),
        form.value(ALLOW_PARTIAL).orElse(false),
        average(form.value(PRUNE_EMA).orElse(false), form.value(EMA_TOO).orElse(false)));
  }

  /**
   * The fate of a moving average from the two switches.
   *
   * @throws athanor.error.AthanorException of kind USAGE if both are on
   */
  public static AverageFate average(boolean prune, boolean mergeToo) {
    if (prune && mergeToo) {
      throw Problem.usage("a moving average (EMA) is left out, or LoRAs are merged into it")
          .found("both --prune-ema and --ema-too")
          .toException();
    }
    return prune ? AverageFate.LEFT_OUT : mergeToo ? AverageFate.MERGED_TOO : AverageFate.KEPT;
  }

  /** Tells {@code form} in which precisions is computed and stored. */
  public static void writePrecision(MergeOptions options, BiConsumer<String, Object> form) {
    form.accept(PRECISION.key(), options.precision().toString());
    form.accept(
        SAVE_PRECISION.key(), options.savePrecision().map(Precision::toString).orElse(KEEP));
  }

  /** Tells {@code form} what is tolerated and left out, if anything is. */
  public static void writeTolerance(MergeOptions options, BiConsumer<String, Object> form) {
    if (options.skipIncompatible()) {
      form.accept(SKIP_INCOMPATIBLE.key(), true);
    }
    if (options.allowNonFinite()) {
      form.accept(ALLOW_NON_FINITE.key(), true);
    }
    if (options.allowPartial()) {
      form.accept(ALLOW_PARTIAL.key(), true);
    }
    switch (options.average()) {
      case LEFT_OUT -> form.accept(PRUNE_EMA.key(), true);
      case MERGED_TOO -> form.accept(EMA_TOO.key(), true);
      case KEPT -> {}
    }
  }
}
