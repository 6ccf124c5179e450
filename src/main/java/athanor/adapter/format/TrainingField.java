package athanor.adapter.format;

import athanor.model.table.Section;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A field in which a trainer writes down how it trained, and what it means for a merge. The table
 * of them is {@code training.txt}.
 *
 * @param effect what it means
 * @param text in words; for {@link Effect#NEEDS} the word that stands for the tensor
 */
record TrainingField(Effect effect, String text) {

  /** What a field means for a merge. */
  enum Effect {
    /** The merge follows it. */
    HONOURED,
    /** The tensors of the file say the same. */
    TENSORS,
    /** If true, a tensor must stand beside every pair. */
    NEEDS,
    /** If set, the factors are no plain change of the weights. */
    REFUSED,
    /** It has no effect on the weights. */
    NOTHING
  }

  /** The magnitudes of DoRA, as the table calls them. */
  static final String DORA = "dora";

  /** The bias beside a pair, as the table calls it. */
  static final String BIAS = "bias";

  /** The fields of PEFT's configurations, by their names without component. */
  static final Map<String, TrainingField> OF_PEFT = read("peft");

  /** The fields of LyCORIS in the {@code ss_network_args} of kohya's trainer, by their names. */
  static final Map<String, TrainingField> OF_LYCORIS = read("lycoris");

  /** Whether it says that every pair needs this beside it. */
  boolean needs(String beside) {
    return effect == Effect.NEEDS && text.equals(beside);
  }

  private static Map<String, TrainingField> read(String section) {
    Map<String, TrainingField> fields = new LinkedHashMap<>();
    for (Section table : Section.read(TrainingField.class, "training.txt")) {
      if (table.name().equals(section)) {
        for (String name : table.keys()) {
          String[] words = table.text(name).split("\\s+", 2);
          fields.put(
              name, new TrainingField(Effect.valueOf(words[0].toUpperCase(Locale.ROOT)), words[1]));
        }
      }
    }
    return Map.copyOf(fields);
  }
}
