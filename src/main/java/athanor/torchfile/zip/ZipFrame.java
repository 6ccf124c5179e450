package athanor.torchfile.zip;

import athanor.file.OutputFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the records of an archive lie, and the bytes around them. Nothing is compressed; padding in
 * the extra field {@code FB}, which PyTorch's own writer uses too, puts each record on a multiple
 * of 64 bytes. Immutable.
 */
public final class ZipFrame {
  /** A size or position that stands in a 64-bit field instead. */
  private static final long SEE_ZIP64 = 0xFFFF_FFFFL;

  private static final int MOST_ENTRIES = 0xFFFF;
  private static final int ALIGNMENT = 64;
  private static final int LOCAL_SIZE = 30;
  private static final int CENTRAL_SIZE = 46;
  private static final int EXTRA_HEADER_SIZE = 4;
  private static final int LOCAL_ZIP64_SIZE = EXTRA_HEADER_SIZE + 16;
  private static final int END_SIZE = 22;
  private static final int END_64_SIZE = 56 + 20;
  private static final short UTF8_NAMES = 0x0800;
  private static final short VERSION_ZIP64 = 45;

  /** 1 January 1980, the earliest date of the format: outputs do not depend on the clock. */
  private static final short DATE = 0x0021;

  private static final byte PADDING = 'Z';

  private final List<Placed> records;
  private final long directory;
  private final long directorySize;

  private ZipFrame(List<Placed> records, long directory, long directorySize) {
    this.records = records;
    this.directory = directory;
    this.directorySize = directorySize;
  }

  /**
   * A record to be placed.
   *
   * @param name in ASCII
   * @param size of its content in bytes
   */
  public record Record(String name, long size) {}

  private record Placed(byte[] name, long size, long header, long position) {
    boolean isLarge() {
      return size >= SEE_ZIP64;
    }

    boolean isFar() {
      return header >= SEE_ZIP64;
    }

    int directorySize() {
      int longs = (isLarge() ? 2 : 0) + (isFar() ? 1 : 0);
      int extra = longs == 0 ? 0 : EXTRA_HEADER_SIZE + longs * Long.BYTES;
      return CENTRAL_SIZE + name.length + extra;
    }
  }

  /**
   * Places records one after the other.
   *
   * @throws ArithmeticException if they exceed 2^63 bytes
   */
  public static ZipFrame of(List<Record> records) {
    var placed = new ArrayList<Placed>(records.size());
    long next = 0;
    long directorySize = 0;
    for (Record record : records) {
      byte[] name = record.name().getBytes(StandardCharsets.US_ASCII);
      int zip64 = record.size() >= SEE_ZIP64 ? LOCAL_ZIP64_SIZE : 0;
      long unpadded = next + LOCAL_SIZE + name.length + zip64 + EXTRA_HEADER_SIZE;
      long position = Math.ceilDiv(unpadded, ALIGNMENT) * ALIGNMENT;
      var entry = new Placed(name, record.size(), next, position);
      placed.add(entry);
      directorySize += entry.directorySize();
      next = Math.addExact(position, record.size());
    }
    return new ZipFrame(List.copyOf(placed), next, directorySize);
  }

  /** First byte of the content of a record. */
  public long position(int index) {
    return records.get(index).position();
  }

  /** Bytes of the whole archive. */
  public long size() {
    return directory + directorySize + (needsZip64() ? END_64_SIZE : 0) + END_SIZE;
  }

  private boolean needsZip64() {
    return records.size() >= MOST_ENTRIES || directory >= SEE_ZIP64 || directorySize >= SEE_ZIP64;
  }

  /**
   * Writes headers, directory and end.
   *
   * @param crc32 checksum of each record
   * @throws athanor.error.AthanorException of kind RESOURCES if the disk is full or fails
   */
  public void write(OutputFile output, int[] crc32) {
    for (int i = 0; i < records.size(); i++) {
      output.write(records.get(i).header(), localHeader(records.get(i), crc32[i]));
    }
    int tail = Math.toIntExact(size() - directory);
    ByteBuffer end = ByteBuffer.allocate(tail).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < records.size(); i++) {
      putDirectoryEntry(end, records.get(i), crc32[i]);
    }
    if (needsZip64()) {
      putEnd64(end);
    }
    putEnd(end);
    output.write(directory, end.flip());
  }

  private static ByteBuffer localHeader(Placed entry, int crc32) {
    int length = Math.toIntExact(entry.position() - entry.header());
    int extraLength = length - LOCAL_SIZE - entry.name().length;
    ByteBuffer header = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(0x04034b50).putShort(entry.isLarge() ? VERSION_ZIP64 : 0);
    putCommon(header, entry, crc32);
    header.putShort((short) entry.name().length).putShort((short) extraLength);
    header.put(entry.name());
    if (entry.isLarge()) {
      header.putShort((short) 1).putShort((short) 16).putLong(entry.size()).putLong(entry.size());
    }
    header.put((byte) 'F').put((byte) 'B');
    header.putShort((short) (header.remaining() - Short.BYTES));
    while (header.hasRemaining()) {
      header.put(PADDING);
    }
    return header.flip();
  }

  /** Flags to sizes, which both headers have in common: stored, time 0. */
  private static void putCommon(ByteBuffer target, Placed entry, int crc32) {
    int size = (int) Math.min(entry.size(), SEE_ZIP64);
    target.putShort(UTF8_NAMES).putShort((short) 0).putShort((short) 0).putShort(DATE);
    target.putInt(crc32).putInt(size).putInt(size);
  }

  private static void putDirectoryEntry(ByteBuffer target, Placed entry, int crc32) {
    int extra = entry.directorySize() - CENTRAL_SIZE - entry.name().length;
    short version = extra > 0 ? VERSION_ZIP64 : 0;
    target.putInt(0x02014b50).putShort((short) 0).putShort(version);
    putCommon(target, entry, crc32);
    target.putShort((short) entry.name().length).putShort((short) extra).putShort((short) 0);
    target.putShort((short) 0).putShort((short) 0).putInt(0);
    target.putInt((int) Math.min(entry.header(), SEE_ZIP64));
    target.put(entry.name());
    if (extra > 0) {
      target.putShort((short) 1).putShort((short) (extra - EXTRA_HEADER_SIZE));
    }
    if (entry.isLarge()) {
      target.putLong(entry.size()).putLong(entry.size());
    }
    if (entry.isFar()) {
      target.putLong(entry.header());
    }
  }

  private void putEnd64(ByteBuffer target) {
    long position = directory + directorySize;
    target.putInt(0x06064b50).putLong(44).putShort(VERSION_ZIP64).putShort(VERSION_ZIP64);
    target.putInt(0).putInt(0).putLong(records.size()).putLong(records.size());
    target.putLong(directorySize).putLong(directory);
    target.putInt(0x07064b50).putInt(0).putLong(position).putInt(1);
  }

  private void putEnd(ByteBuffer target) {
    short entries = (short) Math.min(records.size(), MOST_ENTRIES);
    target.putInt(0x06054b50).putShort((short) 0).putShort((short) 0);
    target.putShort(entries).putShort(entries);
    target.putInt((int) Math.min(directorySize, SEE_ZIP64));
    target.putInt((int) Math.min(directory, SEE_ZIP64));
    target.putShort((short) 0);
  }
}
