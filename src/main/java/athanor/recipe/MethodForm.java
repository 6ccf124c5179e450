package athanor.recipe;

import athanor.merge.method.LoraMethods;
import athanor.merge.method.Method;
import athanor.merge.method.MethodList;
import athanor.merge.method.MethodParameter;
import athanor.merge.method.Settings;
import athanor.merge.method.mix.MixMethods;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/**
 * How a method and its parameters are named in every form: a key for each, all beside each other.
 */
public final class MethodForm {
  /** The key of the method. */
  public static final String METHOD = "method";

  private MethodForm() {}

  /** The key of the method and those of all parameters. */
  public static List<String> keys() {
    Set<String> keys = new LinkedHashSet<>(Set.of(METHOD));
    parameters().forEach(parameter -> keys.add(parameter.key()));
    return List.copyOf(keys);
  }

  /** The parameters of all methods, each once. */
  public static List<MethodParameter<?>> parameters() {
    return Stream.of(LoraMethods.LIST, MixMethods.LIST)
        .flatMap(list -> list.parameters().stream())
        .distinct()
        .toList();
  }

  /** The parameters of some methods that a form gives. */
  public static Settings settings(ParameterSource form, MethodList<?> methods) {
    Settings settings = Settings.NONE;
    for (MethodParameter<?> parameter : methods.parameters()) {
      settings = with(settings, parameter, form);
    }
    return settings;
  }

  private static <T> Settings with(
      Settings settings, MethodParameter<T> parameter, ParameterSource form) {
    return settings.with(parameter, form.value(parameter));
  }

  /** Tells {@code form} the key and the value of everything there is to write. */
  public static void write(Method method, BiConsumer<String, Object> form) {
    form.accept(METHOD, method.description().name());
    for (MethodParameter<?> parameter : parameters()) {
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
