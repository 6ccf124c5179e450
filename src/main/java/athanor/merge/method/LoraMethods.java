package athanor.merge.method;

import java.util.List;

/** The methods that make LoRAs into one LoRA. */
public final class LoraMethods {
  /** All of them; the first is the one for users who say nothing. */
  public static final MethodList<LoraMethod> LIST =
      new MethodList<>(
          List.of(Concatenation.DESCRIPTION, Recompression.DESCRIPTION, HistoricSum.DESCRIPTION));

  private LoraMethods() {}

  /** The method for users who say nothing. */
  public static LoraMethod standard() {
    return LIST.standard();
  }
}
