package athanor.merge.method;

import athanor.error.Problem;
import athanor.merge.lora.LoraFormat;
import athanor.tensor.DType;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The sum of the factors, as kohya's scripts have computed it since 2023: see {@link
 * HistoricFactors}. It is not the sum of the updates: a ratio acts squared, and cross terms come
 * in. For reproducing old results. It knows only kohya's spelling.
 *
 * @param concatenate whether factors are put side by side: its {@code --concat}
 */
public record HistoricSum(boolean concatenate) implements LoraMethod {
  static final MethodDescription<LoraMethod> DESCRIPTION =
      new MethodDescription<>(
          "kohya",
          Set.of(),
          "kohya (its historic sum of factors, equal ranks only)",
          List.of(SharedParameters.CONCAT, SharedParameters.FORMAT),
          "its settings",
          HistoricSum::check,
          settings -> new HistoricSum(settings.isOn(SharedParameters.CONCAT)),
          rank -> new HistoricSum(false));

  private static void check(Settings settings) {
    LoraFormat format = settings.get(SharedParameters.FORMAT).orElse(LoraFormat.KOHYA);
    if (format != LoraFormat.KOHYA) {
      throw Problem.usage("kohya's method writes kohya's names only")
          .found("format " + format)
          .help("leave out the format or the method")
          .toException();
    }
  }

  @Override
  public MethodDescription<LoraMethod> description() {
    return DESCRIPTION;
  }

  @Override
  public Settings settings() {
    return Settings.NONE
        .with(SharedParameters.CONCAT, concatenate)
        .with(SharedParameters.FORMAT, LoraFormat.KOHYA);
  }

  @Override
  public String text() {
    return concatenate ? "kohya concat" : "kohya";
  }

  @Override
  public boolean usesPrecision() {
    return true;
  }

  /** Without a wanted type the result has that of the arithmetic: the scripts always wrote that. */
  @Override
  public Planned plan(LoraContributions loras) {
    var precision = loras.options().precision();
    DType dtype = loras.wantedType().orElse(precision.dtype());
    HistoricFactors sum = HistoricFactors.of(loras.loras(), concatenate, precision, dtype);
    return new Planned(
        dtype,
        sum.modules(),
        new NetworkRanks.Historic(sum.rankText(), sum.alphaText()),
        Optional.empty());
  }
}
