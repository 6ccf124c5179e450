package athanor.report;

import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.jr.ob.api.ValueWriter;
import tools.jackson.jr.ob.impl.JSONWriter;

/**
 * Writes records as JSON objects: the components in their order, empty optional ones left out,
 * those {@link ForText} too, those {@link Inline} as the fields they consist of.
 */
final class RecordWriter implements ValueWriter {
  private static final ClassValue<RecordWriter> WRITERS =
      new ClassValue<>() {
        @Override
        protected RecordWriter computeValue(Class<?> type) {
          return new RecordWriter(type);
        }
      };

  private final Class<?> type;
  private final List<Field> fields = new ArrayList<>();

  private record Field(String name, Method accessor, boolean inline) {
    @Nullable Object of(Object owner) {
      try {
        return unwrapped(accessor.invoke(owner));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    /** {@link Optional#empty} where there is nothing to write; else what is to be written. */
    private static @Nullable Object unwrapped(@Nullable Object value) {
      return switch (value) {
        case Optional<?> some when some.isPresent() -> some.get();
        case OptionalLong some when some.isPresent() -> some.getAsLong();
        case OptionalInt some when some.isPresent() -> some.getAsInt();
        case OptionalLong _, OptionalInt _ -> Optional.empty();
        case null, default -> value;
      };
    }
  }

  private RecordWriter(Class<?> type) {
    this.type = type;
    for (RecordComponent component : type.getRecordComponents()) {
      if (!component.isAnnotationPresent(ForText.class)) {
        fields.add(
            new Field(
                snakeCase(component.getName()),
                component.getAccessor(),
                component.isAnnotationPresent(Inline.class)));
      }
    }
  }

  static RecordWriter of(Class<?> type) {
    return WRITERS.get(type);
  }

  /** {@code mergedTensors} becomes {@code merged_tensors}. */
  static String snakeCase(String name) {
    return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  @Override
  public Class<?> valueType() {
    return type;
  }

  @Override
  public void writeValue(JSONWriter context, JsonGenerator json, Object value) {
    json.writeStartObject();
    LineName name = type.getAnnotation(LineName.class);
    if (name != null) {
      json.writeStringProperty(value instanceof Event ? "event" : "result", name.value());
    }
    writeFields(context, json, value);
    json.writeEndObject();
  }

  private void writeFields(JSONWriter context, JsonGenerator json, Object owner) {
    for (Field field : fields) {
      Object value = field.of(owner);
      if (value instanceof Optional<?>) {
        continue;
      }
      if (!field.inline()) {
        json.writeName(field.name());
        context.writeValue(value);
      } else if (value instanceof List<?> facts) {
        facts.forEach(fact -> writeFact(json, (Fact) fact));
      } else if (value != null) {
        of(value.getClass()).writeFields(context, json, value);
      }
    }
  }

  private static void writeFact(JsonGenerator json, Fact fact) {
    json.writeStringProperty(fact.label(), fact.text());
  }
}
