package athanor.torchfile.zip;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.file.InputFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The end of an archive: the end-of-central-directory record, with its 64-bit twin if there is one.
 * Of all places that look like one, exactly one must agree with the directory that it describes.
 *
 * @param directory first byte of the central directory
 * @param directorySize its bytes
 * @param entries number of its entries
 * @param bytesAfter bytes of the file behind the record
 */
record ZipEnd(long directory, long directorySize, long entries, long bytesAfter) {
  private static final int SIGNATURE = 0x06054b50;
  private static final int SIZE = 22;
  private static final int LONGEST_COMMENT = 0xFFFF;
  private static final int LOCATOR_SIGNATURE = 0x07064b50;
  private static final int LOCATOR_SIZE = 20;
  private static final int SIGNATURE_64 = 0x06064b50;
  private static final int SIZE_64 = 56;
  private static final int SIZE_64_BEFORE_COUNTED = 12;
  private static final int DIRECTORY_SIGNATURE = 0x02014b50;

  /**
   * Finds the end of an archive.
   *
   * @throws AthanorException of kind BAD_FILE if there is none, as in a file that is cut off, or if
   *     there are two to choose from
   */
  static ZipEnd find(InputFile file) {
    int length = (int) Math.min(file.size(), SIZE + LONGEST_COMMENT);
    long tailPosition = file.size() - length;
    ByteBuffer tail = littleEndian(file, tailPosition, length);
    List<ZipEnd> consistent = new ArrayList<>();
    boolean any = false;
    for (int i = length - SIZE; i >= 0; i--) {
      if (tail.getInt(i) == SIGNATURE) {
        any = true;
        parse(file, tailPosition + i, tail.slice(i, length - i).order(ByteOrder.LITTLE_ENDIAN))
            .ifPresent(consistent::add);
      }
    }
    return switch (consistent.size()) {
      case 1 -> consistent.getFirst();
      case 0 -> throw any ? contradictory(file) : missing(file, tail);
      default ->
          throw Problem.badFile("the archive has two directories; which one counts is unclear")
              .at(file.name())
              .help("do not trust this file; get it from its author")
              .toException();
    };
  }

  private static Optional<ZipEnd> parse(InputFile file, long position, ByteBuffer record) {
    int disk = record.getShort(4);
    int directoryDisk = record.getShort(6);
    int entriesHere = record.getShort(8) & 0xFFFF;
    int entries = record.getShort(10) & 0xFFFF;
    long directorySize = record.getInt(12) & 0xFFFF_FFFFL;
    long directory = record.getInt(16) & 0xFFFF_FFFFL;
    long after = (long) record.capacity() - SIZE - (record.getShort(20) & 0xFFFF);
    if (after < 0 || disk != directoryDisk || entriesHere != entries) {
      return Optional.empty();
    }
    var small = new ZipEnd(directory, directorySize, entries, after);
    Optional<Long> position64 = position64(file, position);
    if (position64.isPresent()) {
      return parse64(file, position64.get(), position - LOCATOR_SIZE, small);
    }
    return disk == 0 && small.endsAt(file, position) ? Optional.of(small) : Optional.empty();
  }

  private static Optional<Long> position64(InputFile file, long position) {
    if (position < LOCATOR_SIZE) {
      return Optional.empty();
    }
    ByteBuffer locator = littleEndian(file, position - LOCATOR_SIZE, LOCATOR_SIZE);
    return locator.getInt(0) == LOCATOR_SIGNATURE
        ? Optional.of(locator.getLong(8))
        : Optional.empty();
  }

  private static Optional<ZipEnd> parse64(InputFile file, long position, long end, ZipEnd small) {
    if (position < 0 || position > end - SIZE_64) {
      return Optional.empty();
    }
    ByteBuffer record = littleEndian(file, position, SIZE_64);
    long counted = record.getLong(4);
    boolean sound =
        record.getInt(0) == SIGNATURE_64
            && counted == end - position - SIZE_64_BEFORE_COUNTED
            && record.getInt(16) == 0
            && record.getInt(20) == 0
            && record.getLong(24) == record.getLong(32);
    var large =
        new ZipEnd(record.getLong(48), record.getLong(40), record.getLong(32), small.bytesAfter());
    boolean agree =
        agree(small.entries(), large.entries(), 0xFFFF)
            && agree(small.directorySize(), large.directorySize(), 0xFFFF_FFFFL)
            && agree(small.directory(), large.directory(), 0xFFFF_FFFFL);
    return sound && agree && large.endsAt(file, position) ? Optional.of(large) : Optional.empty();
  }

  private static boolean agree(long small, long large, long seeLarge) {
    return small == seeLarge || small == large;
  }

  /** Whether the directory lies right before {@code position} and begins like one. */
  private boolean endsAt(InputFile file, long position) {
    if (directory < 0
        || directorySize < 0
        || directory > position
        || directorySize != position - directory) {
      return false;
    }
    return entries == 0
        ? directorySize == 0
        : directorySize >= 4 && littleEndian(file, directory, 4).getInt(0) == DIRECTORY_SIGNATURE;
  }

  private static AthanorException contradictory(InputFile file) {
    return Problem.badFile("the archive's end does not fit its directory")
        .at(file.name())
        .help("the file is damaged or was changed; download it again")
        .toException();
  }

  private static AthanorException missing(InputFile file, ByteBuffer tail) {
    boolean zeros = true;
    for (int i = Math.max(0, tail.capacity() - 1024); i < tail.capacity(); i++) {
      zeros &= tail.get(i) == 0;
    }
    return Problem.badFile(
            zeros
                ? "the end of the file was never written; it is an interrupted download"
                : "the file is cut off, or has foreign bytes at its end: the archive's directory"
                    + " is missing")
        .at(file.name())
        .found(file.size() + " bytes")
        .help("the download is incomplete; download it again")
        .toException();
  }

  private static ByteBuffer littleEndian(InputFile file, long position, int length) {
    return ByteBuffer.wrap(file.readBytes(position, length)).order(ByteOrder.LITTLE_ENDIAN);
  }
}
