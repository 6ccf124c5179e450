package athanor.adapter.format;

import athanor.error.Problem;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a PEFT configuration says about the training that makes a plain merge of its factors wrong:
 * initialisations that changed the base, and methods whose result is no ΔW of the base's weights.
 */
final class PeftTraining {
  /** The value of a field that is a list or an object with something in it. */
  static final String FILLED = "set";

  private static final String ADALORA = "ADALORA";

  /** Initialisations that take the first factors out of the base, by how their value begins. */
  private static final Map<String, String> CHANGED_BASE =
      ordered(
          "pissa", "PiSSA", "olora", "OLoRA", "corda", "CorDA", "lora_ga", "LoRA-GA", "loftq",
          "LoftQ");

  private PeftTraining() {}

  private static Map<String, String> ordered(String... pairs) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], pairs[i + 1]);
    }
    return map;
  }

  /**
   * Why a field with this value forbids a merge; empty if it does not.
   *
   * @param name of the field, as it stands in the configuration
   * @param field the same without component
   * @param value its text, or {@link #FILLED}
   * @param place where the configuration stands
   */
  static Optional<Problem> refusal(String name, String field, String value, String place) {
    String text = value.toLowerCase(Locale.ROOT);
    if (field.equals("init_lora_weights") || field.equals("init_weights")) {
      return CHANGED_BASE.entrySet().stream()
          .filter(initialisation -> text.startsWith(initialisation.getKey()))
          .findFirst()
          .map(initialisation -> changedBase(name + " " + value, initialisation.getValue(), place));
    }
    if (field.equals("peft_type") && value.equalsIgnoreCase(ADALORA)) {
      return Optional.of(unsupported(name + " " + value, "AdaLoRA", place));
    }
    TrainingField known = TrainingField.OF_PEFT.get(field);
    return known == null || known.effect() != TrainingField.Effect.REFUSED || !isSet(value)
        ? Optional.empty()
        : Optional.of(unsupported(name, known.text(), place));
  }

  /** Whether a value is more than the absence of one. */
  static boolean isSet(String value) {
    return !value.isBlank() && !value.equalsIgnoreCase("false");
  }

  private static Problem changedBase(String found, String name, String place) {
    Problem problem =
        Problem.incompatible("this LoRA belongs to a base that was altered before training")
            .at(place)
            .found(found + " (" + name + ")")
            .expected("a LoRA that is relative to the checkpoint itself");
    return name.equals("LoftQ")
        ? problem.help("merge it in PEFT, into the quantised base that it was trained on")
        : problem.help(
            "convert it to a plain LoRA in PEFT: save_pretrained with"
                + " path_initial_model_for_weight_conversion");
  }

  private static Problem unsupported(String found, String method, String place) {
    return Problem.incompatible("this LoRA is of a kind that is not supported yet")
        .at(place)
        .found(found + " (" + method + ")")
        .expected("a plain LoRA")
        .help("merge it in PEFT, or leave it out");
  }
}
