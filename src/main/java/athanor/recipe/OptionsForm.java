package athanor.recipe;

import athanor.merge.method.MethodParameter;
import athanor.merge.method.ParameterType;
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
        form.value(PRUNE_EMA).orElse(false));
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
    if (options.pruneEma()) {
      form.accept(PRUNE_EMA.key(), true);
    }
  }
}
