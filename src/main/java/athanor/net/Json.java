package athanor.net;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * A small JSON document, such as an answer of a service. Reading is lenient about what is missing,
 * as services add and drop fields: a path that leads nowhere gives {@link Nothing}.
 */
public sealed interface Json {
  /** What a missing field is. */
  @SuppressWarnings("ClassInitializationDeadlock") // sealed: nothing else initialises it first
  Json NOTHING = new Nothing();

  /** An object; of a repeated name the last value counts. */
  record Fields(Map<String, Json> fields) implements Json {}

  /** An array. */
  record Items(List<Json> values) implements Json {}

  /** A string. */
  record Text(String value) implements Json {}

  /** A number, as its text. */
  record Number(String value) implements Json {}

  /** True or false. */
  record Truth(boolean value) implements Json {}

  /** Null, or not there. */
  record Nothing() implements Json {}

  /** The value of a field; {@link #NOTHING} if there is none or this is no object. */
  default Json get(String name) {
    return this instanceof Fields object ? object.fields().getOrDefault(name, NOTHING) : NOTHING;
  }

  /** The elements; empty if this is no array. */
  default List<Json> items() {
    return this instanceof Items array ? array.values() : List.of();
  }

  /** The string, or a number's text; empty for anything else and for the empty string. */
  default Optional<String> text() {
    return switch (this) {
      case Text text when !text.value().isEmpty() -> Optional.of(text.value());
      case Number number -> Optional.of(number.value());
      default -> Optional.empty();
    };
  }

  /** The number, fractions allowed; empty for anything else. */
  default Optional<Double> number() {
    return this instanceof Number number
        ? Optional.of(Double.valueOf(number.value()))
        : Optional.empty();
  }

  /** The number if it is whole and fits; empty for anything else. */
  default Optional<Long> whole() {
    try {
      return this instanceof Number number
          ? Optional.of(Long.valueOf(number.value()))
          : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** The number if it can be the size of a file: whole, from 0 to 2^53; empty for anything else. */
  default OptionalLong size() {
    long size = whole().orElse(-1L);
    return size >= 0 && size <= 1L << 53 ? OptionalLong.of(size) : OptionalLong.empty();
  }

  /** Whether this is {@code true}. */
  default boolean isTrue() {
    return this instanceof Truth truth && truth.value();
  }

  /**
   * Reads one document.
   *
   * @throws IOException if it is not valid JSON, nested deeper than 100 levels, of more than two
   *     million values or followed by more
   */
  static Json parse(byte[] document) throws IOException {
    try (JsonParser parser = Format.FACTORY.createParser(ObjectReadContext.empty(), document)) {
      parser.nextToken();
      Json value = new Format(parser).value();
      if (parser.nextToken() != null) {
        throw new IOException("more text after the JSON document");
      }
      return value;
    } catch (JacksonException e) {
      throw new IOException("not valid JSON", e);
    }
  }

  /** An object with these fields. */
  static Json of(Map<String, Json> fields) {
    return new Fields(fields);
  }

  /** A string. */
  static Json of(String text) {
    return new Text(text);
  }

  /** A whole number. */
  static Json of(long number) {
    return new Number(Long.toString(number));
  }

  /** This document in UTF-8. */
  default byte[] toBytes() {
    var text = new StringWriter();
    try (JsonGenerator generator =
        Format.FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      Format.write(this, generator);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** The reader and writer behind {@link #parse} and {@link #toBytes}. */
  final class Format {
    private static final int MOST_VALUES = 2_000_000;
    private static final JsonFactory FACTORY =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(100)
                    .maxDocumentLength(64L << 20)
                    .build())
            .build();

    private final JsonParser parser;
    private int values;

    private Format(JsonParser parser) {
      this.parser = parser;
    }

    private Json value() throws IOException {
      if (++values > MOST_VALUES) {
        throw new IOException("a JSON document of too many values");
      }
      return switch (parser.currentToken()) {
        case START_OBJECT -> object();
        case START_ARRAY -> array();
        case VALUE_STRING -> new Text(parser.getString());
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Number(parser.getString());
        case VALUE_TRUE -> new Truth(true);
        case VALUE_FALSE -> new Truth(false);
        case VALUE_NULL -> NOTHING;
        case null, default -> throw new IOException("an empty or cut JSON document");
      };
    }

    private Json object() throws IOException {
      Map<String, Json> fields = new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        fields.put(name, value());
      }
      return new Fields(fields);
    }

    private Json array() throws IOException {
      List<Json> items = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        items.add(value());
      }
      return new Items(items);
    }

    private static void write(Json value, JsonGenerator out) {
      switch (value) {
        case Fields object -> {
          out.writeStartObject();
          object
              .fields()
              .forEach((name, field) -> {
                out.writeName(name);
                write(field, out);
              });
          out.writeEndObject();
        }
        case Items array -> {
          out.writeStartArray();
          array.values().forEach(item -> write(item, out));
          out.writeEndArray();
        }
        case Text text -> out.writeString(text.value());
        case Number number -> out.writeNumber(number.value());
        case Truth truth -> out.writeBoolean(truth.value());
        case Nothing nothing -> out.writeNull();
      }
    }
  }
}
