package athanor.safetensors;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonParser.NumberType;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamConstraintsException;

/** Reads the JSON of one header, token by token, into tensors and metadata. For one use. */
final class HeaderParser {
  static final String METADATA = "__metadata__";
  private static final int MAX_TENSORS = 1_000_000;
  private static final int MAX_RANK = 64;
  private static final int MAX_NAME_BYTES = 65_536;
  private static final int LARGE_HEADER = 16 << 20;
  private static final int MEMORY_FACTOR = 6;
  private static final int MEMORY_PER_TENSOR = 300;

  private final String file;
  private final byte[] header;
  private final JsonParser json;
  private final Map<String, StoredTensor> tensors = new HashMap<>();
  private final List<StoredTensor> inHeaderOrder = new ArrayList<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private boolean metadataSeen;
  private int ignoredFields;

  /**
   * @param file name for messages
   * @param header the N bytes after the length
   */
  HeaderParser(String file, byte[] header) {
    this.file = file;
    this.header = header;
    this.json = StrictJson.parser(header);
  }

  /** Parses everything; to be called once. */
  void parse() {
    refuseForeignText();
    try {
      if (header.length > LARGE_HEADER) {
        requireMemory(countEntries());
      }
      parseRoot();
    } catch (StreamConstraintsException e) {
      throw flaw(HeaderFlaw.LIMIT_EXCEEDED, null, here(), e.getOriginalMessage(), null);
    } catch (JacksonException e) {
      throw flaw(
          HeaderFlaw.INVALID_JSON,
          null,
          Math.max(e.getLocation() == null ? 0 : e.getLocation().getCharOffset(), 0),
          e.getOriginalMessage(),
          null);
    }
  }

  List<StoredTensor> inHeaderOrder() {
    return inHeaderOrder;
  }

  Map<String, StoredTensor> byKey() {
    return tensors;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  /** How many fields of tensor entries have no meaning in this format. */
  int ignoredFields() {
    return ignoredFields;
  }

  private void refuseForeignText() {
    int invalid = HeaderText.firstInvalidByte(header);
    if (invalid >= 0) {
      throw HeaderFlaw.INVALID_UTF8.thrown(
          HeaderFlaw.INVALID_UTF8
              .problem()
              .at(place(null, 8L + invalid))
              .found("byte 0x" + HexFormat.of().toHexDigits(header[invalid])));
    }
    boolean sixteenBit = header.length > 1 && header[1] == 0;
    if (header[header.length - 1] == 0 && !sixteenBit) {
      int end = header.length;
      while (end > 0 && header[end - 1] == 0) {
        end--;
      }
      throw HeaderFlaw.NUL_PADDING.thrown(
          HeaderFlaw.NUL_PADDING
              .problem()
              .at(place(null, 8L + end))
              .found((header.length - end) + " NUL bytes"));
    }
  }

  /** Counts the entries of a large header without keeping any. */
  private int countEntries() {
    try (JsonParser counter = StrictJson.parser(header)) {
      int count = 0;
      if (counter.nextToken() != JsonToken.START_OBJECT) {
        return 0;
      }
      while (counter.nextName() != null) {
        counter.nextToken();
        counter.skipChildren();
        if (++count > MAX_TENSORS + 1) {
          throw tooManyTensors(counter.currentLocation().getCharOffset());
        }
      }
      return count;
    }
  }

  private void requireMemory(int entries) {
    long needed = (long) MEMORY_FACTOR * header.length + (long) MEMORY_PER_TENSOR * entries;
    long limit = Runtime.getRuntime().maxMemory();
    if (needed > limit) {
      throw Problem.of(Kind.RESOURCES, "the header of this file needs more memory")
          .at(place(null, 8))
          .found((limit >> 20) + " MiB for this process")
          .expected((needed >> 20) + " MiB")
          .help("give Java more memory, for example ATHANOR_JAVA_OPTIONS=-Xmx2g")
          .toException();
    }
  }

  private void parseRoot() {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw field(null, describeToken(), "a JSON object");
    }
    for (String name = json.nextName(); name != null; name = json.nextName()) {
      int at = (int) here();
      requireUnicode(name, at);
      json.nextToken();
      if (name.equals(METADATA)) {
        parseMetadata(at);
      } else {
        parseTensor(name, at);
      }
    }
    if (json.nextToken() != null) {
      throw flaw(
          HeaderFlaw.INVALID_JSON, null, here(), describeToken(), "nothing after the object");
    }
  }

  private void parseMetadata(int at) {
    if (metadataSeen) {
      throw flaw(HeaderFlaw.DUPLICATE_NAME, null, at, METADATA, null);
    }
    metadataSeen = true;
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw field(METADATA, describeToken(), "an object of texts");
    }
    for (String key = json.nextName(); key != null; key = json.nextName()) {
      long keyAt = here();
      requireUnicode(key, keyAt);
      if (json.nextToken() != JsonToken.VALUE_STRING) {
        throw field(METADATA, describeToken() + " for " + key, "a text");
      }
      String value = json.getString();
      requireUnicode(value, here());
      if (metadata.put(key, value) != null) {
        throw flaw(HeaderFlaw.DUPLICATE_NAME, METADATA, keyAt, key, null);
      }
    }
  }

  private void parseTensor(String key, int at) {
    if (tensors.size() == MAX_TENSORS) {
      throw tooManyTensors(at);
    }
    if (key.length() > MAX_NAME_BYTES / 3 && HeaderText.utf8Length(key) > MAX_NAME_BYTES) {
      throw flaw(
          HeaderFlaw.LIMIT_EXCEEDED,
          null,
          at,
          "a name of " + HeaderText.utf8Length(key) + " bytes",
          MAX_NAME_BYTES + " at most");
    }
    if (tensors.containsKey(key)) {
      throw flaw(HeaderFlaw.DUPLICATE_NAME, key, at, key, null);
    }
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw field(key, describeToken(), "an object with dtype, shape and data_offsets");
    }
    DType dtype = null;
    long[] dims = null;
    long[] offsets = null;
    for (String name = json.nextName(); name != null; name = json.nextName()) {
      switch (name) {
        case "dtype" -> {
          requireFirst(key, name, dtype);
          json.nextToken();
          dtype = parseDType(key);
        }
        case "shape" -> {
          requireFirst(key, name, dims);
          dims = parseSizes(key, name, MAX_RANK);
        }
        case "data_offsets" -> {
          requireFirst(key, name, offsets);
          offsets = parseSizes(key, name, 2);
        }
        default -> {
          ignoredFields++;
          json.nextToken();
          json.skipChildren();
        }
      }
    }
    if (dtype == null || dims == null || offsets == null || offsets.length != 2) {
      String missing =
          dtype == null ? "no dtype" : dims == null ? "no shape" : "no pair of data_offsets";
      throw flaw(HeaderFlaw.INVALID_FIELD, key, at, missing, "dtype, shape and data_offsets");
    }
    var info = new TensorInfo(key, dtype, shape(key, dims, at));
    var tensor = new StoredTensor(info, offsets[0], offsets[1], at);
    tensors.put(key, tensor);
    inHeaderOrder.add(tensor);
  }

  private Shape shape(String key, long[] dims, int at) {
    try {
      return Shape.of(dims);
    } catch (ArithmeticException e) {
      String expected =
          Arrays.stream(dims).anyMatch(dim -> dim == 0)
              ? "other dimensions of at most "
                  + Shape.LARGEST_CLAIM_WITHOUT_VALUES
                  + " together, as there are no values"
              : "fewer than 2^63 elements";
      throw flaw(HeaderFlaw.OVERFLOW, key, at, "shape " + Arrays.toString(dims), expected);
    }
  }

  private void requireFirst(String key, String field, @Nullable Object previous) {
    if (previous != null) {
      throw flaw(HeaderFlaw.INVALID_FIELD, key, here(), field + " twice", field + " once");
    }
  }

  private DType parseDType(String key) {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw field(key, describeToken() + " as dtype", "a text");
    }
    String name = json.getString();
    return DType.parse(name)
        .orElseThrow(() ->
            flaw(
                HeaderFlaw.UNKNOWN_DTYPE,
                key,
                here(),
                name.isEmpty() ? "an empty text" : name,
                "one of BOOL, U8 … F16, BF16, F32, F64"));
  }

  private long[] parseSizes(String key, String field, int limit) {
    if (json.nextToken() != JsonToken.START_ARRAY) {
      throw field(key, describeToken() + " as " + field, "an array");
    }
    long[] sizes = new long[4];
    int count = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (count == limit) {
        throw flaw(
            HeaderFlaw.LIMIT_EXCEEDED, key, here(), "more items in " + field, limit + " at most");
      }
      if (count == sizes.length) {
        sizes = Arrays.copyOf(sizes, 2 * count);
      }
      sizes[count++] = parseSize(key, field);
    }
    return Arrays.copyOf(sizes, count);
  }

  private long parseSize(String key, String field) {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw field(key, describeToken() + " in " + field, "a whole number of at least 0");
    }
    boolean negative = json.getString().charAt(0) == '-';
    if (negative) {
      throw field(key, json.getString() + " in " + field, "a whole number of at least 0");
    }
    NumberType type = json.getNumberType();
    if (type != NumberType.INT && type != NumberType.LONG) {
      throw flaw(
          HeaderFlaw.LIMIT_EXCEEDED,
          key,
          here(),
          json.getString() + " in " + field,
          Long.MAX_VALUE + " at most");
    }
    return json.getLongValue();
  }

  private void requireUnicode(String text, long at) {
    if (HeaderText.hasLoneSurrogate(text)) {
      throw flaw(HeaderFlaw.INVALID_JSON, null, at, "half of a surrogate pair in a text", null);
    }
  }

  private AthanorException tooManyTensors(long at) {
    return flaw(
        HeaderFlaw.LIMIT_EXCEEDED,
        null,
        at,
        "more than " + MAX_TENSORS + " tensors",
        MAX_TENSORS + " at most");
  }

  private String describeToken() {
    JsonToken token = json.currentToken();
    if (token == null) {
      return "nothing";
    }
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a text";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> json.getString();
      case VALUE_TRUE, VALUE_FALSE, VALUE_NULL -> json.getString();
      default -> token.toString();
    };
  }

  private AthanorException field(@Nullable String key, String found, String expected) {
    return flaw(HeaderFlaw.INVALID_FIELD, key, here(), found, expected);
  }

  private long here() {
    return json.currentTokenLocation().getCharOffset();
  }

  private AthanorException flaw(
      HeaderFlaw flaw, @Nullable String key, long charAt, String found, @Nullable String expected) {
    Problem problem =
        flaw.problem()
            .at(place(key, 8L + HeaderText.byteOffset(header, charAt)))
            .found(SafetensorsHeader.shown(found));
    return flaw.thrown(expected == null ? problem : problem.expected(expected));
  }

  private String place(@Nullable String key, long position) {
    return SafetensorsHeader.place(file, key, position);
  }
}
