package athanor.recipe;

import athanor.merge.method.LoraMethod;
import athanor.merge.method.LoraMethods;
import athanor.merge.method.MethodParameter;
import athanor.merge.method.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * How a method and its parameters are named in every form: a key for each, all beside each other.
 */
public final class MethodForm {
  /** The key of the method. */
  public static final String METHOD = "method";

  private MethodForm() {}

  /** The key of the method and those of all parameters. */
  public static List<String> keys() {
    List<String> keys = new ArrayList<>(List.of(METHOD));
    LoraMethods.parameters().forEach(parameter -> keys.add(parameter.key()));
    return keys;
  }

  /** The parameters that a form gives. */
  public static Settings settings(ParameterSource form) {
    Settings settings = Settings.NONE;
    for (MethodParameter<?> parameter : LoraMethods.parameters()) {
      settings = with(settings, parameter, form);
    }
    return settings;
  }

  private static <T> Settings with(
      Settings settings, MethodParameter<T> parameter, ParameterSource form) {
    return settings.with(parameter, form.value(parameter));
  }

  /** Tells {@code form} the key and the value of everything there is to write. */
  public static void write(LoraMethod method, BiConsumer<String, Object> form) {
    form.accept(METHOD, method.description().name());
    for (MethodParameter<?> parameter : LoraMethods.parameters()) {
      write(method.settings(), parameter, form);
    }
  }

  private static <T> void write(
      Settings settings, MethodParameter<T> parameter, BiConsumer<String, Object> form) {
    settings
        .get(parameter)
        .ifPresent(value -> form.accept(parameter.key(), parameter.type().plain(value)));
  }
}
