package athanor.merge.method;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Values of parameters, as far as they were given. Immutable. */
public final class Settings {
  /** Nothing was given. */
  public static final Settings NONE = new Settings(Map.of());

  private final Map<MethodParameter<?>, Object> values;

  private Settings(Map<MethodParameter<?>, Object> values) {
    this.values = Map.copyOf(values);
  }

  /** These and another value. */
  public <T> Settings with(MethodParameter<T> parameter, T value) {
    Map<MethodParameter<?>, Object> more = new HashMap<>(values);
    more.put(parameter, value);
    return new Settings(more);
  }

  /** These and another value, if there is one. */
  public <T> Settings with(MethodParameter<T> parameter, Optional<T> value) {
    return value.map(given -> with(parameter, given)).orElse(this);
  }

  /** These and a switch, if it is on. */
  public Settings with(MethodParameter<Boolean> parameter, boolean on) {
    return on ? with(parameter, Boolean.TRUE) : this;
  }

  /** A value; empty if it was not given. */
  @SuppressWarnings("unchecked") // with(…) lets in nothing but values of the parameter's type
  public <T> Optional<T> get(MethodParameter<T> parameter) {
    return Optional.ofNullable((T) values.get(parameter));
  }

  /** Whether a value was given. */
  public boolean has(MethodParameter<?> parameter) {
    return values.containsKey(parameter);
  }

  /** Whether a switch is on. */
  public boolean isOn(MethodParameter<Boolean> parameter) {
    return get(parameter).orElse(false);
  }
}
