package athanor.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import athanor.error.PrintableText;
import org.jspecify.annotations.Nullable;
import tools.jackson.jr.ob.JSON;
import tools.jackson.jr.ob.JacksonJrExtension;
import tools.jackson.jr.ob.api.ExtensionContext;
import tools.jackson.jr.ob.api.ReaderWriterProvider;
import tools.jackson.jr.ob.api.ValueWriter;
import tools.jackson.jr.ob.impl.JSONWriter;

/**
 * The JSON form of the records of this package: one object on one line, its fields in the order of
 * the record's components, their names in snake_case. Thread-safe.
 *
 * <p>The line is safe to show: characters that act instead of showing themselves (controls, DEL,
 * bidirectional marks, what is invisible or not assigned) stand as {@code \}{@code uXXXX}. They
 * occur inside strings only, so a reader gets them back. Half a surrogate pair, which UTF-8 cannot
 * hold, stands as a question mark.
 */
public final class JsonLine {
  private static final JSON RECORDS = JSON.builder().register(new Records()).build();

  private JsonLine() {}

  /** A result as one line, without its end. */
  public static String of(Result result) {
    return line(result);
  }

  /** An event as one line, without its end. */
  public static String of(Event event) {
    return line(event);
  }

  /** What a page shows as one line, without its end. */
  public static String of(Shown shown) {
    return line(shown);
  }

  private static String line(Object value) {
    String json = RECORDS.asString(value);
    return PrintableText.of(new String(json.getBytes(UTF_8), UTF_8));
  }

  private static final class Records extends JacksonJrExtension {
    @Override
    protected void register(ExtensionContext context) {
      context.insertProvider(
          new ReaderWriterProvider() {
            @Override
            public @Nullable ValueWriter findValueWriter(JSONWriter writer, Class<?> type) {
              return type.isRecord() ? RecordWriter.of(type) : null;
            }
          });
    }
  }
}
