package athanor.merge.method;

import athanor.merge.lora.LoraFormat;
import athanor.merge.lora.LosslessType;
import athanor.merge.lora.sum.LoraSum;
import athanor.tensor.DType;
import java.util.List;
import java.util.Set;

/**
 * The exact sum: the factors of all LoRAs side by side, each with ratio · alpha / rank folded in,
 * and alpha = rank = Σ rᵢ. Nothing is lost but the rounding of the stored type.
 *
 * @param concatenate whether the user asked for factors side by side in so many words; no matter
 * @param format the spelling of the result
 */
public record Concatenation(boolean concatenate, LoraFormat format) implements LoraMethod {
  static final MethodDescription<LoraMethod> DESCRIPTION =
      new MethodDescription<>(
          "exact",
          Set.of("concat"),
          "exact (default)",
          List.of(SharedParameters.CONCAT, SharedParameters.FORMAT),
          "its settings",
          settings -> {},
          settings ->
              new Concatenation(
                  settings.isOn(SharedParameters.CONCAT),
                  settings.get(SharedParameters.FORMAT).orElse(LoraFormat.KOHYA)),
          rank -> new Concatenation(false, LoraFormat.KOHYA));

  @Override
  public MethodDescription<LoraMethod> description() {
    return DESCRIPTION;
  }

  @Override
  public Settings settings() {
    return Settings.NONE
        .with(SharedParameters.CONCAT, concatenate)
        .with(SharedParameters.FORMAT, format);
  }

  @Override
  public Planned plan(LoraContributions loras) {
    DType dtype = loras.wantedType().orElseGet(() -> LosslessType.ofFactors(loras.loras()));
    return Planned.exact(
        dtype, new ConcatenatedModules(format, dtype).of(LoraSum.of(loras.loras(), format)));
  }
}
