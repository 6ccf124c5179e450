package athanor.safetensors;

import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * JSON parsers for files from strangers: strict syntax, nesting of at most 128 (as the reference),
 * no guessing of encodings, no table of names that grows with the input.
 */
final class StrictJson {
  private static final int MAX_DEPTH = 128;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
          .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(SafetensorsHeader.MAX_LENGTH)
                  .maxNameLength(SafetensorsHeader.MAX_LENGTH)
                  .build())
          .build();

  private StrictJson() {}

  /** A parser over valid UTF-8; its locations count UTF-16 units from the start. */
  static JsonParser parser(byte[] utf8) {
    var reader = new InputStreamReader(new ByteArrayInputStream(utf8), StandardCharsets.UTF_8);
    return FACTORY.createParser(ObjectReadContext.empty(), reader);
  }
}
