package athanor.safetensors;

import static athanor.safetensors.SafetensorsBytes.claiming;
import static athanor.safetensors.SafetensorsBytes.file;
import static athanor.safetensors.SafetensorsBytes.one;
import static athanor.safetensors.SafetensorsBytes.tensor;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The catalogue of broken, hostile and merely unusual safetensors files, each with the verdict that
 * our reader must give. The conformance check gives the same files to the reference implementation.
 */
final class OddFiles {
  private static final String VALID = tensor("F32", "[2]", 0, 8);
  private static final String TWO_TO_63 = "9223372036854775808";
  private static final String MOST = "18446744073709551615";

  private final List<OddFile> files = new ArrayList<>();

  /** One file of the catalogue. */
  static final class OddFile {
    private final String id;
    private final String what;
    private final byte[] bytes;
    private final Optional<HeaderFlaw> flaw;

    private OddFile(String id, String what, byte[] bytes, Optional<HeaderFlaw> flaw) {
      this.id = id;
      this.what = what;
      this.bytes = bytes;
      this.flaw = flaw;
    }

    /** Its row, with a letter where a row has several files. */
    String id() {
      return id;
    }

    /** What is odd about it. */
    String what() {
      return what;
    }

    /** The whole file; shared, not to be changed. */
    byte[] bytes() {
      return bytes;
    }

    /** Why it is refused; empty if it is accepted. */
    Optional<HeaderFlaw> flaw() {
      return flaw;
    }

    @Override
    public String toString() {
      return id + " " + what;
    }
  }

  static List<OddFile> all() {
    var catalogue = new OddFiles();
    catalogue.lengths();
    catalogue.encodings();
    catalogue.names();
    catalogue.metadata();
    catalogue.numbers();
    catalogue.ranges();
    catalogue.fields();
    catalogue.unusualButSound();
    catalogue.nesting();
    catalogue.otherFiles();
    return List.copyOf(catalogue.files);
  }

  private void refused(String id, String what, HeaderFlaw flaw, byte[] bytes) {
    files.add(new OddFile(id, what, bytes, Optional.of(flaw)));
  }

  private void refused(String id, String what, HeaderFlaw flaw, String header, int dataBytes) {
    refused(id, what, flaw, file(header, dataBytes));
  }

  private void accepted(String id, String what, byte[] bytes) {
    files.add(new OddFile(id, what, bytes, Optional.empty()));
  }

  private void accepted(String id, String what, String header, int dataBytes) {
    accepted(id, what, file(header, dataBytes));
  }

  private void lengths() {
    byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
    byte[] none = new byte[0];
    refused("S01a", "empty file", HeaderFlaw.FILE_TOO_SMALL, none);
    refused("S01b", "seven bytes", HeaderFlaw.FILE_TOO_SMALL, new byte[7]);
    refused("S02a", "length 2^64-1", HeaderFlaw.HEADER_TOO_LARGE, claiming(-1, empty, none));
    refused(
        "S02b", "length 2^63", HeaderFlaw.HEADER_TOO_LARGE, claiming(Long.MIN_VALUE, empty, none));
    refused(
        "S02c", "length 10^8+1", HeaderFlaw.HEADER_TOO_LARGE, claiming(100_000_001, empty, none));
    refused(
        "S03",
        "length 10^8 of two",
        HeaderFlaw.HEADER_BEYOND_END,
        claiming(100_000_000, empty, none));
    byte[] header = one(VALID).getBytes(StandardCharsets.UTF_8);
    refused(
        "S04a",
        "length one too big",
        HeaderFlaw.NUL_PADDING,
        claiming(header.length + 1, header, new byte[8]));
    refused(
        "S04b",
        "length one too small",
        HeaderFlaw.INVALID_JSON,
        claiming(header.length - 1, header, new byte[8]));
    refused(
        "S04c",
        "length one more than the file",
        HeaderFlaw.HEADER_BEYOND_END,
        claiming(header.length + 9, header, new byte[8]));
    refused("S05", "4 KiB of zeros", HeaderFlaw.EMPTY_HEADER, new byte[4096]);
    byte[] valid = file(one(VALID), 8);
    refused(
        "S06a", "one byte more", HeaderFlaw.TRAILING_BYTES, Arrays.copyOf(valid, valid.length + 1));
    refused("S06b", "one byte less", HeaderFlaw.INCOMPLETE, Arrays.copyOf(valid, valid.length - 1));
    refused(
        "S06c",
        "cut in the header",
        HeaderFlaw.HEADER_BEYOND_END,
        Arrays.copyOf(valid, valid.length / 2));
    accepted("S06d", "smallest file", file("{}", 0));
  }

  private void encodings() {
    refused("S07a", "byte order mark", HeaderFlaw.INVALID_JSON, "\ufeff" + one(VALID), 8);
    refused(
        "S07b",
        "UTF-16LE header",
        HeaderFlaw.INVALID_JSON,
        file(one(VALID).getBytes(StandardCharsets.UTF_16LE), new byte[8]));
    refused(
        "S07c",
        "UTF-16BE header",
        HeaderFlaw.INVALID_JSON,
        file(one(VALID).getBytes(StandardCharsets.UTF_16BE), new byte[8]));
    refused(
        "S07d",
        "UTF-32BE header",
        HeaderFlaw.INVALID_JSON,
        file(one(VALID).getBytes(StandardCharsets.UTF_32BE), new byte[8]));
    accepted("S08", "blanks around the header", "\n\t " + one(VALID) + "\r\n\t ", 8);
    refused("S09a", "NUL padding", HeaderFlaw.NUL_PADDING, one(VALID) + "\0\0\0", 8);
    refused("S09b", "form feed padding", HeaderFlaw.INVALID_JSON, one(VALID) + "\f", 8);
    refused("S09c", "a second value", HeaderFlaw.INVALID_JSON, one(VALID) + "{}", 8);
    refused("S10a", "byte FF", HeaderFlaw.INVALID_UTF8, named(0xff));
    refused("S10b", "overlong slash", HeaderFlaw.INVALID_UTF8, named(0xc0, 0xaf));
    refused("S10c", "encoded surrogate", HeaderFlaw.INVALID_UTF8, named(0xed, 0xa0, 0x80));
    refused("S10d", "beyond U+10FFFF", HeaderFlaw.INVALID_UTF8, named(0xf4, 0x90, 0x80, 0x80));
    refused("S11a", "lone surrogate", HeaderFlaw.INVALID_JSON, "{\"\\ud800\":" + VALID + "}", 8);
    refused(
        "S11b",
        "lone low surrogate in metadata",
        HeaderFlaw.INVALID_JSON,
        "{\"__metadata__\":{\"a\":\"\\udc00x\"}}",
        0);
    accepted("S11c", "escaped surrogate pair", "{\"\\ud83d\\ude00\":" + VALID + "}", 8);
  }

  /** A file with one tensor whose name ends in these bytes. */
  private static byte[] named(int... nameBytes) {
    byte[] before = "{\"a".getBytes(StandardCharsets.UTF_8);
    byte[] after = ("\":" + VALID + "}").getBytes(StandardCharsets.UTF_8);
    ByteBuffer header = ByteBuffer.allocate(before.length + nameBytes.length + after.length);
    header.put(before);
    for (int nameByte : nameBytes) {
      header.put((byte) nameByte);
    }
    return file(header.put(after).array(), new byte[8]);
  }

  private void names() {
    String same = "{\"a\":" + VALID + ",\"%s\":" + VALID + "}";
    refused("S12a", "the same key twice", HeaderFlaw.DUPLICATE_NAME, same.formatted("a"), 8);
    refused(
        "S12b", "the same key escaped", HeaderFlaw.DUPLICATE_NAME, same.formatted("\\u0061"), 8);
    refused(
        "S12c",
        "the same key with other bodies",
        HeaderFlaw.DUPLICATE_NAME,
        "{\"a\":" + tensor("F16", "[2]", 0, 4) + ",\"a\":" + VALID + "}",
        8);
    refused(
        "S13a",
        "dtype twice",
        HeaderFlaw.INVALID_FIELD,
        one("{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}"),
        8);
    refused(
        "S13b",
        "metadata twice",
        HeaderFlaw.DUPLICATE_NAME,
        "{\"__metadata__\":{},\"__metadata__\":{}}",
        0);
    refused(
        "S13c",
        "the same metadata key twice",
        HeaderFlaw.DUPLICATE_NAME,
        "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}",
        0);
    accepted("S14a", "composed and decomposed é", distinct("\u00e9", "e\u0301"), 16);
    accepted("S14b", "upper and lower case", distinct("A", "a"), 16);
    accepted("S14c", "a blank at the end", distinct("a", "a "), 16);
    for (String name :
        List.of(
            "../../evil", "C:\\\\x", "con", "a/b", "", "line\\nbreak", "\\u001b[2J", "\u202e")) {
      accepted("S35", "key \"" + escaped(name) + "\"", "{\"" + name + "\":" + VALID + "}", 8);
    }
    accepted("S35b", "key of 60 KiB", "{\"" + "k".repeat(60 << 10) + "\":" + VALID + "}", 8);
    refused(
        "S35c",
        "key of 70 KiB",
        HeaderFlaw.LIMIT_EXCEEDED,
        "{\"" + "k".repeat(70 << 10) + "\":" + VALID + "}",
        8);
    refused(
        "S36",
        "a tensor named __metadata__",
        HeaderFlaw.INVALID_FIELD,
        "{\"__metadata__\":" + VALID + "}",
        8);
  }

  private static String distinct(String first, String second) {
    return "{\"%s\":%s,\"%s\":%s}".formatted(first, VALID, second, tensor("F32", "[2]", 8, 16));
  }

  private static String escaped(String name) {
    return athanor.error.PrintableText.of(name);
  }

  private void metadata() {
    for (String value : List.of("1", "null", "{\"b\":\"c\"}", "[\"b\"]", "true")) {
      refused(
          "S15",
          "metadata value " + value,
          HeaderFlaw.INVALID_FIELD,
          "{\"__metadata__\":{\"a\":" + value + "}}",
          0);
    }
    refused("S15b", "metadata is a text", HeaderFlaw.INVALID_FIELD, "{\"__metadata__\":\"a\"}", 0);
    accepted("S15c", "metadata is null", "{\"__metadata__\":null}", 0);
    accepted(
        "S16",
        "hostile metadata",
        "{\"__metadata__\":{\"__proto__\":\"x\",\"<script>\":\"\\u001b[31m\u202e\"}}",
        0);
  }

  private void numbers() {
    for (String dim : List.of("-1", "2.0", "2e0", "\"2\"", "true", "null", "-0", "1e99999")) {
      refused(
          "S17",
          "shape [" + dim + "]",
          HeaderFlaw.INVALID_FIELD,
          shaped("F32", "[" + dim + "]"),
          8);
    }
    refused("S17b", "shape [02]", HeaderFlaw.INVALID_JSON, shaped("F32", "[02]"), 8);
    refused("S17c", "shape [+2]", HeaderFlaw.INVALID_JSON, shaped("F32", "[+2]"), 8);
    refused(
        "S18a", "2^32 squared", HeaderFlaw.OVERFLOW, empty("F32", "[4294967296,4294967296]"), 0);
    refused("S18b", "2^63", HeaderFlaw.LIMIT_EXCEEDED, empty("F32", "[" + TWO_TO_63 + "]"), 0);
    refused(
        "S18c",
        "2^64-1 squared",
        HeaderFlaw.LIMIT_EXCEEDED,
        empty("F32", "[" + MOST + "," + MOST + "]"),
        0);
    refused("S18d", "2^61 doubles", HeaderFlaw.OVERFLOW, empty("F64", "[2305843009213693952]"), 0);
    refused("S18e", "2^64", HeaderFlaw.LIMIT_EXCEEDED, empty("F32", "[18446744073709551616]"), 0);
    refused("S19", "2^64-1 by 0", HeaderFlaw.LIMIT_EXCEEDED, empty("F32", "[" + MOST + ",0]"), 0);
    refused("S19b", "2^63-1 by 0", HeaderFlaw.OVERFLOW, empty("F32", "[9223372036854775807,0]"), 0);
    refused(
        "S19c",
        "0 by 2^40 by 2^40",
        HeaderFlaw.OVERFLOW,
        empty("F32", "[0,1099511627776,1099511627776]"),
        0);
    refused("S19d", "2^31 by 0", HeaderFlaw.OVERFLOW, empty("F32", "[2147483648,0]"), 0);
    accepted("S19e", "2^31-1 by 0", empty("F32", "[2147483647,0]"), 0);
    accepted("S19f", "0 by 46340 by 46340", empty("F32", "[0,46340,46340]"), 0);
    refused("S20a", "range [8,0]", HeaderFlaw.INVALID_OFFSET, ranged("[8,0]"), 8);
    refused("S20b", "range [-8,0]", HeaderFlaw.INVALID_FIELD, ranged("[-8,0]"), 8);
    refused(
        "S20c",
        "range at the end of 64 bits",
        HeaderFlaw.LIMIT_EXCEEDED,
        ranged("[18446744073709551608," + MOST + "]"),
        8);
    refused(
        "S20d",
        "2^59 bytes",
        HeaderFlaw.INCOMPLETE,
        one(tensor("U8", "[576460752303423488]", 0, 1L << 59)),
        8);
  }

  private static String shaped(String dtype, String shape) {
    return one(tensor(dtype, shape, 0, 8));
  }

  private static String empty(String dtype, String shape) {
    return one(tensor(dtype, shape, 0, 0));
  }

  private static String ranged(String offsets) {
    return one(tensor("F32", "[2]", offsets));
  }

  private void ranges() {
    refused("S21a", "a hole in front", HeaderFlaw.INVALID_OFFSET, ranged("[8,16]"), 16);
    refused(
        "S21b",
        "a hole in the middle",
        HeaderFlaw.INVALID_OFFSET,
        two(VALID, tensor("F32", "[2]", 12, 20)),
        20);
    refused(
        "S21c",
        "a hole before an empty tensor",
        HeaderFlaw.INVALID_OFFSET,
        one(tensor("F32", "[0]", 8, 8)),
        8);
    refused(
        "S22a",
        "an overlap",
        HeaderFlaw.INVALID_OFFSET,
        two(VALID, tensor("F32", "[2]", 4, 12)),
        12);
    var many = new StringBuilder("{");
    for (int i = 0; i < 10_000; i++) {
      many.append(i == 0 ? "" : ",").append("\"t").append(i).append("\":").append(VALID);
    }
    refused("S22b", "10,000 tensors in one place", HeaderFlaw.INVALID_OFFSET, many + "}", 8);
    refused(
        "S23",
        "too few bytes for the shape",
        HeaderFlaw.SIZE_MISMATCH,
        one(tensor("I32", "[2,2]", 0, 4)),
        4);
    for (String offsets : List.of("[]", "[0]")) {
      refused("S24a", "offsets " + offsets, HeaderFlaw.INVALID_FIELD, ranged(offsets), 8);
    }
    refused("S24b", "three offsets", HeaderFlaw.LIMIT_EXCEEDED, ranged("[0,8,8]"), 8);
    for (String offsets : List.of("[0.0,8.0]", "[\"0\",\"8\"]", "{}", "null")) {
      refused("S24c", "offsets " + offsets, HeaderFlaw.INVALID_FIELD, ranged(offsets), 8);
    }
    refused(
        "S32a", "three 4-bit values", HeaderFlaw.PARTIAL_BYTES, one(tensor("F4", "[3]", 0, 1)), 1);
    refused(
        "S32b",
        "two 6-bit values",
        HeaderFlaw.PARTIAL_BYTES,
        one(tensor("F6_E2M3", "[2]", 0, 1)),
        1);
  }

  private static String two(String first, String second) {
    return "{\"a\":" + first + ",\"b\":" + second + "}";
  }

  private void fields() {
    String missing = HeaderFlaw.INVALID_FIELD.name();
    for (String entry :
        List.of(
            "{\"shape\":[2],\"data_offsets\":[0,8]}",
            "{\"dtype\":\"F32\",\"data_offsets\":[0,8]}",
            "{\"dtype\":\"F32\",\"shape\":[2]}",
            "{}")) {
      refused("S25", missing + " " + entry, HeaderFlaw.INVALID_FIELD, one(entry), 8);
    }
    for (String dtype : List.of("f32", "F128", "F8_E4M3FN", "")) {
      refused(
          "S26a",
          "dtype \"" + dtype + "\"",
          HeaderFlaw.UNKNOWN_DTYPE,
          one(tensor(dtype, "[2]", 0, 8)),
          8);
    }
    refused(
        "S26h",
        "dtype as an object",
        HeaderFlaw.INVALID_FIELD,
        one("{\"dtype\":{\"F32\":null},\"shape\":[2],\"data_offsets\":[0,8]}"),
        8);
    for (String dtype : List.of("null", "7")) {
      refused(
          "S26b",
          "dtype " + dtype,
          HeaderFlaw.INVALID_FIELD,
          one("{\"dtype\":" + dtype + ",\"shape\":[2],\"data_offsets\":[0,8]}"),
          8);
    }
    refused("S26c", "a tensor as array", HeaderFlaw.INVALID_FIELD, one("[\"F32\",[2],[0,8]]"), 8);
    refused("S26d", "a tensor as null", HeaderFlaw.INVALID_FIELD, one("null"), 0);
    for (String root : List.of("[]", "null", "\"a\"", "1")) {
      refused("S26e", "header " + root, HeaderFlaw.INVALID_FIELD, root, 0);
    }
    for (String broken :
        List.of(
            "{'a':1}",
            "{\"a\":" + VALID + ",}",
            "{/**/}",
            "{\"a\":NaN}",
            "{\"a\nb\":" + VALID + "}")) {
      refused("S26f", "syntax " + escaped(broken), HeaderFlaw.INVALID_JSON, broken, 8);
    }
    refused("S26g", "only blanks", HeaderFlaw.INVALID_FIELD, "        ", 0);
  }

  private void unusualButSound() {
    accepted("S27a", "a scalar", one(tensor("F32", "[]", 0, 4)), 4);
    accepted("S27b", "an empty vector", empty("F32", "[0]"), 0);
    accepted("S27c", "an empty box", empty("F32", "[2,0,3]"), 0);
    var many = new StringBuilder("{");
    for (int i = 0; i < 1000; i++) {
      many.append(i == 0 ? "" : ",")
          .append("\"t")
          .append(i)
          .append("\":")
          .append(tensor("F16", "[0]", 0, 0));
    }
    accepted("S27d", "1000 empty tensors", many + "}", 0);
    accepted(
        "S27e",
        "an empty tensor between two",
        "{\"a\":%s,\"b\":%s,\"c\":%s}"
            .formatted(VALID, tensor("F32", "[0]", 8, 8), tensor("F32", "[1]", 8, 12)),
        12);
    accepted("S32c", "a BOOL of 7", file(one(tensor("BOOL", "[1]", 0, 1)), new byte[] {7}));
    accepted("S32d", "four 6-bit values", one(tensor("F6_E2M3", "[4]", 0, 3)), 3);
    accepted(
        "S33a",
        "an unaligned double",
        "{\"a\":" + tensor("U8", "[1]", 0, 1) + ",\"b\":" + tensor("F64", "[1]", 1, 9) + "}",
        9);
    accepted(
        "S33b", "an odd header length", one(VALID) + (one(VALID).length() % 2 == 0 ? " " : ""), 8);
    accepted(
        "S34a", "names in another order than values", two(tensor("F32", "[2]", 8, 16), VALID), 16);
    accepted(
        "S34b", "metadata at the end", "{\"a\":" + VALID + ",\"__metadata__\":{\"k\":\"v\"}}", 8);
    accepted(
        "S34c",
        "fields in another order",
        one("{\"data_offsets\":[0,8],\"shape\":[2],\"dtype\":\"F32\"}"),
        8);
    byte[] page = "<html>PK\3\4".getBytes(StandardCharsets.UTF_8);
    accepted("S37", "values that are another file", file(one(tensor("U8", "[10]", 0, 10)), page));
    accepted("S17d", "rank 64", one(tensor("F32", "[" + "1,".repeat(63) + "2]", 0, 8)), 8);
    refused(
        "S17e",
        "rank 65",
        HeaderFlaw.LIMIT_EXCEEDED,
        one(tensor("F32", "[" + "1,".repeat(64) + "2]", 0, 8)),
        8);
  }

  private void nesting() {
    refused("S29a", "200 arrays in a field", HeaderFlaw.LIMIT_EXCEEDED, extra(nested(200)), 8);
    refused("S29b", "a million arrays", HeaderFlaw.INVALID_FIELD, "[".repeat(1_000_000), 0);
    refused(
        "S29d",
        "a million arrays in a field",
        HeaderFlaw.LIMIT_EXCEEDED,
        extra("[".repeat(1_000_000)),
        8);
    accepted("S29c", "100 arrays in a field", extra(nested(100)), 8);
    accepted("S30a", "a field of 10^99999", extra("1e99999"), 8);
    accepted("S30b", "a field of 10 MB", extra("\"" + "x".repeat(10_000_000) + "\""), 8);
  }

  private static String nested(int depth) {
    return "[".repeat(depth) + "]".repeat(depth);
  }

  private static String extra(String value) {
    return one("{\"dtype\":\"F32\",\"shape\":[2],\"extra\":" + value + ",\"data_offsets\":[0,8]}");
  }

  private void otherFiles() {
    other("zip", "PK\3\4\24\0\0\0\0\0 a zip file");
    other("gguf", "GGUF\3\0\0\0\0\0\0\0");
    other("lfs", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
    other("html", "<!DOCTYPE html><html></html>");
    other("json", "{\"error\":\"Unauthorized\"}");
    other("png", "\u0089PNG\r\n\u001a\n\0\0\0\rIHDR");
  }

  private void other(String what, String content) {
    refused(
        "S38",
        what + " named .safetensors",
        HeaderFlaw.HEADER_TOO_LARGE,
        content.getBytes(StandardCharsets.ISO_8859_1));
  }
}
