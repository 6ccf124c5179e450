package athanor.torchfile.zip;

import athanor.error.AthanorException;
import athanor.error.PrintableText;
import athanor.error.Problem;
import athanor.file.InputFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The entries of an archive, read from its central directory and checked against the local headers:
 * no two names are alike, no two entries overlap, nothing is encrypted or a link. Sizes come from
 * the directory alone, because PyTorch leaves those of the local headers empty. Source: PKWARE's
 * APPNOTE 6.3, and what PyTorch's writer does with it.
 *
 * @param entries in the order of the directory
 * @param bytesAfter bytes of the file behind the archive
 */
public record ZipDirectory(List<ZipEntry> entries, long bytesAfter) {
  /** Bytes of the central directory of an archive. */
  private static final long MOST_DIRECTORY_BYTES = 32L << 20;

  /** Entries of an archive. */
  private static final int MOST_ENTRIES = 250_000;

  private static final int LOCAL_SIGNATURE = 0x04034b50;
  private static final int LOCAL_SIZE = 30;
  private static final int CENTRAL_SIGNATURE = 0x02014b50;
  private static final int CENTRAL_SIZE = 46;
  private static final int ENCRYPTED_FLAGS = 0x2041;
  private static final int SIZES_FOLLOW_FLAG = 0x08;
  private static final long SEE_ZIP64 = 0xFFFF_FFFFL;
  private static final int ZIP64_ID = 1;
  private static final int UNIX = 3;
  private static final int UNIX_TYPE = 0170000;
  private static final int UNIX_LINK = 0120000;

  /**
   * Reads the directory of an archive.
   *
   * @throws AthanorException of kind BAD_FILE if the file is no archive, or is cut off, damaged,
   *     contradictory or beyond the limits here
   */
  public static ZipDirectory read(InputFile file) {
    ZipEnd end = ZipEnd.find(file);
    if (end.directorySize() > MOST_DIRECTORY_BYTES) {
      throw tooMuch(file, "bytes in its directory", end.directorySize(), MOST_DIRECTORY_BYTES);
    }
    if (end.entries() < 0 || end.entries() > MOST_ENTRIES) {
      throw tooMuch(file, "entries", end.entries(), MOST_ENTRIES);
    }
    ByteBuffer directory =
        ByteBuffer.wrap(file.readBytes(end.directory(), (int) end.directorySize()))
            .order(ByteOrder.LITTLE_ENDIAN);
    var entries = new ArrayList<ZipEntry>();
    while (directory.hasRemaining()) {
      if (entries.size() == end.entries()) {
        throw damaged(file, "the archive has more entries than it states").toException();
      }
      entries.add(entry(file, directory, end.directory()));
    }
    if (entries.size() != end.entries()) {
      throw damaged(file, "the archive has fewer entries than it states")
          .found(entries.size())
          .expected(end.entries())
          .toException();
    }
    requireDistinctNames(file, entries);
    requireApart(file, entries);
    return new ZipDirectory(List.copyOf(entries), end.bytesAfter());
  }

  private static ZipEntry entry(InputFile file, ByteBuffer directory, long directoryPosition) {
    if (directory.remaining() < CENTRAL_SIZE || directory.getInt() != CENTRAL_SIGNATURE) {
      throw damaged(file, "the archive's directory is damaged").toException();
    }
    int madeBy = directory.getShort() >> 8;
    directory.getShort();
    int flags = directory.getShort() & 0xFFFF;
    int method = directory.getShort() & 0xFFFF;
    directory.getInt();
    int crc32 = directory.getInt();
    long storedSize = directory.getInt() & 0xFFFF_FFFFL;
    long size = directory.getInt() & 0xFFFF_FFFFL;
    int nameLength = directory.getShort() & 0xFFFF;
    int extraLength = directory.getShort() & 0xFFFF;
    int commentLength = directory.getShort() & 0xFFFF;
    int disk = directory.getShort() & 0xFFFF;
    directory.getShort();
    int unixMode = directory.getInt() >>> 16;
    long headerPosition = directory.getInt() & 0xFFFF_FFFFL;
    if (directory.remaining() < nameLength + extraLength + commentLength) {
      throw damaged(file, "the archive's directory is damaged").toException();
    }
    byte[] name = new byte[nameLength];
    directory.get(name);
    String text = ZipEntry.decode(name);
    long[] fields = {size, storedSize, headerPosition};
    ByteBuffer extra = directory.slice(directory.position(), extraLength);
    widen(file, text, extra.order(ByteOrder.LITTLE_ENDIAN), fields);
    directory.position(directory.position() + extraLength + commentLength);
    if (disk != 0) {
      throw bad(file, text, "it lies on another disk").toException();
    }
    if ((flags & ENCRYPTED_FLAGS) != 0) {
      throw bad(file, text, "it is encrypted").toException();
    }
    if (madeBy == UNIX && (unixMode & UNIX_TYPE) == UNIX_LINK) {
      throw bad(file, text, "it is a symbolic link").toException();
    }
    var found = new ZipEntry(text, method, crc32, fields[2], 0, fields[1], fields[0]);
    return file.isHere() || !isStorage(text)
        ? located(file, found, name, directoryPosition)
        : assumed(found, name);
  }

  private static boolean isStorage(String name) {
    return name.contains("/data/");
  }

  /** Without its local header, which would cost a request: it begins here at the earliest. */
  private static ZipEntry assumed(ZipEntry entry, byte[] name) {
    return new ZipEntry(
        entry.name(),
        entry.method(),
        entry.crc32(),
        entry.headerPosition(),
        entry.headerPosition() + LOCAL_SIZE + name.length,
        entry.storedSize(),
        entry.size());
  }

  /** Takes 64-bit values for those of size, stored size and position that refer to them. */
  private static void widen(InputFile file, String name, ByteBuffer extra, long[] fields) {
    boolean seen = false;
    while (extra.hasRemaining()) {
      if (extra.remaining() < 4) {
        throw bad(file, name, "its extra field is cut off").toException();
      }
      int id = extra.getShort() & 0xFFFF;
      int length = extra.getShort() & 0xFFFF;
      if (length > extra.remaining() || (id == ZIP64_ID && seen)) {
        throw bad(file, name, "its extra field is damaged").toException();
      }
      int next = extra.position() + length;
      if (id == ZIP64_ID) {
        seen = true;
        for (int i = 0; i < fields.length; i++) {
          if (fields[i] == SEE_ZIP64) {
            if (next - extra.position() < Long.BYTES) {
              throw bad(file, name, "its 64-bit size is missing").toException();
            }
            fields[i] = extra.getLong();
          }
        }
      }
      extra.position(next);
    }
    for (long field : fields) {
      if (field < 0) {
        throw bad(file, name, "its size is out of range").toException();
      }
    }
  }

  /** Reads the local header, which alone says where the bytes begin, and compares it. */
  private static ZipEntry located(
      InputFile file, ZipEntry entry, byte[] name, long directoryPosition) {
    int headerSize = LOCAL_SIZE + name.length;
    if (entry.headerPosition() > directoryPosition - headerSize) {
      throw bad(file, entry.name(), "it lies outside of the archive").toException();
    }
    ByteBuffer header =
        ByteBuffer.wrap(file.readBytes(entry.headerPosition(), headerSize))
            .order(ByteOrder.LITTLE_ENDIAN);
    if (header.getInt(0) != LOCAL_SIGNATURE) {
      throw bad(file, entry.name(), "its header is missing").toException();
    }
    int flags = header.getShort(6) & 0xFFFF;
    boolean same =
        (header.getShort(8) & 0xFFFF) == entry.method()
            && (flags & ENCRYPTED_FLAGS) == 0
            && (header.getShort(26) & 0xFFFF) == name.length
            && Arrays.equals(header.array(), LOCAL_SIZE, headerSize, name, 0, name.length)
            && sameSize(header.getInt(18), entry.storedSize(), flags)
            && sameSize(header.getInt(22), entry.size(), flags);
    if (!same) {
      throw bad(file, entry.name(), "its header contradicts the archive's directory").toException();
    }
    long position = entry.headerPosition() + headerSize + (header.getShort(28) & 0xFFFF);
    if (position > directoryPosition || entry.storedSize() > directoryPosition - position) {
      throw bad(file, entry.name(), "it reaches into the archive's directory")
          .found(entry.storedSize() + " bytes")
          .expected("at most " + Math.max(0, directoryPosition - position))
          .toException();
    }
    if (entry.method() == ZipEntry.STORED && entry.storedSize() != entry.size()) {
      throw bad(file, entry.name(), "it has two sizes although it is not compressed").toException();
    }
    return new ZipEntry(
        entry.name(),
        entry.method(),
        entry.crc32(),
        entry.headerPosition(),
        position,
        entry.storedSize(),
        entry.size());
  }

  private static boolean sameSize(int local, long central, int flags) {
    long size = local & 0xFFFF_FFFFL;
    boolean unknownYet = (flags & SIZES_FOLLOW_FLAG) != 0 && size == 0;
    return unknownYet || size == SEE_ZIP64 || size == central;
  }

  private static void requireDistinctNames(InputFile file, List<ZipEntry> entries) {
    Map<String, String> seen = HashMap.newHashMap(entries.size());
    for (ZipEntry entry : entries) {
      String plain = entry.name().replace('\\', '/').toLowerCase(Locale.ROOT);
      String other = seen.put(plain, entry.name());
      if (other != null) {
        throw bad(file, entry.name(), "the archive has it twice; which one counts is unclear")
            .found(PrintableText.ofName(other) + " and " + PrintableText.ofName(entry.name()))
            .toException();
      }
    }
  }

  private static void requireApart(InputFile file, List<ZipEntry> entries) {
    List<ZipEntry> sorted = new ArrayList<>(entries);
    sorted.sort(Comparator.comparingLong(ZipEntry::headerPosition));
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).headerPosition() < sorted.get(i - 1).end()) {
        throw bad(file, sorted.get(i).name(), "it overlaps another entry")
            .found(PrintableText.ofName(sorted.get(i - 1).name()))
            .toException();
      }
    }
  }

  private static Problem bad(InputFile file, String name, String what) {
    return Problem.badFile("unsound archive entry: " + what)
        .at(file.name() + ", entry " + PrintableText.ofName(name))
        .help("the file is damaged or was changed; get it from its author");
  }

  private static Problem damaged(InputFile file, String what) {
    return Problem.badFile(what)
        .at(file.name())
        .help("the file is damaged or was changed; download it again");
  }

  private static AthanorException tooMuch(InputFile file, String of, long found, long most) {
    return Problem.badFile("the archive has too many " + of)
        .at(file.name())
        .found(Long.toUnsignedString(found))
        .expected("at most " + most)
        .toException();
  }
}
