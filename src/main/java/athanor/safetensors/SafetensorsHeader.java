package athanor.safetensors;

import athanor.error.AthanorException;
import athanor.error.PrintableText;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The checked header of a safetensors file: which tensors it holds, and where. Every byte after the
 * header belongs to exactly one tensor. Immutable.
 */
public final class SafetensorsHeader {
  /** The longest header the format allows, in bytes. */
  public static final int MAX_LENGTH = 100_000_000;

  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int SHOWN_TEXT = 200;

  private final int length;
  private final Map<String, String> metadata;
  private final List<TensorInfo> tensors;
  private final Map<String, StoredTensor> byKey;
  private final List<String> notes;

  private SafetensorsHeader(
      int length, HeaderParser parsed, List<StoredTensor> inDataOrder, List<String> notes) {
    this.length = length;
    this.metadata = Collections.unmodifiableMap(parsed.metadata());
    this.tensors = inDataOrder.stream().map(StoredTensor::info).toList();
    this.byKey = parsed.byKey();
    this.notes = notes;
  }

  /**
   * Reads and checks the header of an open file.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE naming file, tensor, byte offset, found
   *     and expected; {@link HeaderFlaw#of} tells the reason. Of kind RESOURCES if a very large
   *     header does not fit the memory of this process
   */
  public static SafetensorsHeader read(InputFile file) {
    int length = readLength(file);
    byte[] header = file.readBytes(8, length);
    var parser = new HeaderParser(file.name(), header);
    parser.parse();
    List<StoredTensor> stored = parser.inHeaderOrder();
    stored.sort(Comparator.comparingLong(StoredTensor::begin).thenComparingLong(StoredTensor::end));
    requireGapless(file, header, stored);
    return new SafetensorsHeader(length, parser, stored, notes(parser));
  }

  /**
   * The length N of the header in bytes, which the file is large enough for.
   *
   * @throws athanor.error.AthanorException as {@link #read}, as far as the length tells
   */
  static int readLength(InputFile file) {
    long size = file.size();
    if (size < 8) {
      throw fail(HeaderFlaw.FILE_TOO_SMALL, file, 0, size + " bytes", "10 bytes or more");
    }
    long length = MemorySegment.ofArray(file.readBytes(0, 8)).get(LENGTH, 0);
    if (Long.compareUnsigned(length, MAX_LENGTH) > 0) {
      throw fail(
          HeaderFlaw.HEADER_TOO_LARGE,
          file,
          0,
          Long.toUnsignedString(length),
          "2 to " + MAX_LENGTH);
    }
    if (length == 0) {
      throw fail(HeaderFlaw.EMPTY_HEADER, file, 0, "header length 0", "2 to " + MAX_LENGTH);
    }
    if (length > size - 8) {
      throw fail(
          HeaderFlaw.HEADER_BEYOND_END,
          file,
          size,
          size + " bytes",
          "more than " + (8 + length) + " bytes");
    }
    return (int) length;
  }

  /** Walks the tensors in the order of their values, as the reference does after sorting. */
  private static void requireGapless(InputFile file, byte[] header, List<StoredTensor> stored) {
    long running = 0;
    for (StoredTensor tensor : stored) {
      if (tensor.begin() != running || tensor.end() < tensor.begin()) {
        throw fail(
            HeaderFlaw.INVALID_OFFSET,
            file,
            header,
            tensor,
            "data_offsets [" + tensor.begin() + ", " + tensor.end() + "]",
            "a range that begins at " + running);
      }
      long bytes = byteSize(file, header, tensor);
      if (tensor.length() != bytes) {
        throw fail(
            HeaderFlaw.SIZE_MISMATCH,
            file,
            header,
            tensor,
            tensor.length() + " bytes",
            bytes + " bytes for " + tensor.info().dtype() + " " + tensor.info().shape());
      }
      running = tensor.end();
    }
    requireExactSize(file, header.length, running);
  }

  private static long byteSize(InputFile file, byte[] header, StoredTensor tensor) {
    TensorInfo info = tensor.info();
    String found = info.dtype() + " " + info.shape();
    long bits;
    try {
      bits = Math.multiplyExact(info.shape().elementCount(), (long) info.dtype().bits());
    } catch (ArithmeticException e) {
      throw fail(
          HeaderFlaw.OVERFLOW,
          file,
          header,
          tensor,
          found,
          "less than " + Long.MAX_VALUE + " bits");
    }
    if (bits % 8 != 0) {
      throw fail(
          HeaderFlaw.PARTIAL_BYTES,
          file,
          header,
          tensor,
          found,
          "a multiple of 8 bits, not " + bits);
    }
    return bits / 8;
  }

  private static void requireExactSize(InputFile file, int length, long dataBytes) {
    long have = file.size();
    long wanted;
    try {
      wanted = Math.addExact(8L + length, dataBytes);
    } catch (ArithmeticException e) {
      wanted = Long.MAX_VALUE;
    }
    if (have < wanted) {
      throw fail(
          HeaderFlaw.INCOMPLETE,
          file,
          have,
          have + " bytes (" + percent(have, wanted) + " %)",
          wanted + " bytes");
    }
    if (have > wanted) {
      throw fail(
          HeaderFlaw.TRAILING_BYTES,
          file,
          wanted,
          (have - wanted) + " extra bytes",
          wanted + " bytes in all");
    }
  }

  /** Percent with one decimal, rounded down so that an incomplete file never shows 100. */
  private static String percent(long have, long wanted) {
    double exact = Math.floor(1000.0 * have / wanted) / 10;
    return String.format(Locale.ROOT, "%.1f", Math.min(exact, 99.9));
  }

  private static List<String> notes(HeaderParser parsed) {
    var notes = new ArrayList<String>();
    if (parsed.ignoredFields() > 0) {
      notes.add(
          "ignored "
              + parsed.ignoredFields()
              + " header fields that are not part of the safetensors format");
    }
    return List.copyOf(notes);
  }

  /** Length N of the JSON in bytes, padding included. */
  public int length() {
    return length;
  }

  /** Position in the file of the first byte of the values: 8 + N. */
  public long dataStart() {
    return 8L + length;
  }

  /** The texts under {@code __metadata__}, in file order. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** All tensors in the order of their values. */
  public List<TensorInfo> tensors() {
    return tensors;
  }

  /** Oddities that do no harm, as sentences. */
  public List<String> notes() {
    return notes;
  }

  Optional<StoredTensor> find(String key) {
    return Optional.ofNullable(byKey.get(key));
  }

  static String place(String file, @Nullable String key, long position) {
    String tensor = key == null ? "" : ", " + shown(key);
    return file + tensor + ", byte " + position;
  }

  /** Text from a file, cut to what a message can hold. */
  static String shown(String text) {
    return PrintableText.of(text, SHOWN_TEXT);
  }

  private static AthanorException fail(
      HeaderFlaw flaw, InputFile file, long position, String found, String expected) {
    return thrown(flaw, place(file.name(), null, position), found, expected);
  }

  private static AthanorException fail(
      HeaderFlaw flaw,
      InputFile file,
      byte[] header,
      StoredTensor tensor,
      String found,
      String expected) {
    long position = 8L + HeaderText.byteOffset(header, tensor.entryOffset());
    return thrown(flaw, place(file.name(), tensor.info().key(), position), found, expected);
  }

  private static AthanorException thrown(
      HeaderFlaw flaw, String where, String found, String expected) {
    Problem problem = flaw.problem().at(where).found(found).expected(expected);
    return flaw.thrown(problem);
  }
}
