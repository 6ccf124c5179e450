package athanor.torchfile;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Assembles zip archives in which every field can lie. */
final class ArchiveBuilder {
  private final List<Entry> entries = new ArrayList<>();
  byte[] head = {};
  byte[] tail = {};
  byte[] comment = {};
  int entryCount = -1;
  long directoryShift;
  long directorySizeShift;
  boolean zip64;
  long zip64Shift;

  /** One entry; fields left at −1 or null take honest values. */
  static final class Entry {
    final byte[] name;
    final byte[] content;
    byte[] localName;
    int method;
    int localMethod = -1;
    int flags = 0x0800;
    int localFlags = -1;
    long crc = -1;
    long size = -1;
    long storedSize = -1;
    long offset = -1;
    byte[] extra = {};
    int madeBy;
    int externalAttributes;
    boolean descriptor;
    int align;
    private byte[] stored = {};
    private long position;

    Entry(byte[] name, byte[] content) {
      this.name = name;
      this.localName = name;
      this.content = content;
    }

    void deflate() {
      method = 8;
    }
  }

  /** An archive as PyTorch makes it. */
  static ArchiveBuilder checkpoint(byte[] pickle, byte[]... storages) {
    return checkpointUnder("archive", pickle, storages);
  }

  static ArchiveBuilder checkpointUnder(String root, byte[] pickle, byte[]... storages) {
    var builder = new ArchiveBuilder().add(root + "/data.pkl", pickle);
    for (int i = 0; i < storages.length; i++) {
      builder.add(root + "/data/" + i, storages[i]);
    }
    return builder.add(root + "/version", "3\n".getBytes(StandardCharsets.US_ASCII));
  }

  ArchiveBuilder add(String name, byte[] content) {
    return add(name, content, _ -> {});
  }

  ArchiveBuilder add(String name, byte[] content, Consumer<Entry> change) {
    return add(name.getBytes(StandardCharsets.UTF_8), content, change);
  }

  ArchiveBuilder add(byte[] name, byte[] content, Consumer<Entry> change) {
    var entry = new Entry(name, content);
    change.accept(entry);
    entries.add(entry);
    return this;
  }

  /** Changes the entry of this name. */
  ArchiveBuilder change(String name, Consumer<Entry> change) {
    entries.stream()
        .filter(e -> new String(e.name, StandardCharsets.UTF_8).equals(name))
        .findFirst()
        .ifPresent(change);
    return this;
  }

  ArchiveBuilder with(Consumer<ArchiveBuilder> change) {
    change.accept(this);
    return this;
  }

  ArchiveBuilder changeAll(Consumer<Entry> change) {
    entries.forEach(change);
    return this;
  }

  byte[] bytes() {
    var out = new ByteArrayOutputStream();
    out.writeBytes(head);
    for (Entry entry : entries) {
      putLocal(out, entry);
    }
    long directory = out.size();
    for (Entry entry : entries) {
      putCentral(out, entry);
    }
    long directorySize = out.size() - directory;
    int count = entryCount >= 0 ? entryCount : entries.size();
    if (zip64) {
      putZip64End(out, directory, directorySize, count);
    }
    out.writeBytes(end(count, directory + directoryShift, directorySize + directorySizeShift));
    out.writeBytes(comment);
    out.writeBytes(tail);
    return out.toByteArray();
  }

  byte[] end(int count, long directory, long directorySize) {
    return littleEndian(22)
        .putInt(0x06054b50)
        .putShort((short) 0)
        .putShort((short) 0)
        .putShort((short) Math.min(count, 0xFFFF))
        .putShort((short) Math.min(count, 0xFFFF))
        .putInt((int) directorySize)
        .putInt((int) directory)
        .putShort((short) comment.length)
        .array();
  }

  private void putZip64End(
      ByteArrayOutputStream out, long directory, long directorySize, int count) {
    long position = out.size();
    ByteBuffer end = littleEndian(56 + 20).putInt(0x06064b50).putLong(44);
    end.putShort((short) 45).putShort((short) 45).putInt(0).putInt(0);
    end.putLong(count).putLong(count).putLong(directorySize).putLong(directory + zip64Shift);
    end.putInt(0x07064b50).putInt(0).putLong(position).putInt(1);
    out.writeBytes(end.array());
  }

  private static void putLocal(ByteArrayOutputStream out, Entry entry) {
    entry.stored = entry.method == 8 ? deflate(entry.content) : entry.content;
    entry.position = out.size();
    int flags = entry.localFlags >= 0 ? entry.localFlags : entry.flags;
    int method = entry.localMethod >= 0 ? entry.localMethod : entry.method;
    boolean blank = entry.descriptor;
    byte[] extra = padding(out.size() + 30 + entry.localName.length, entry.align);
    ByteBuffer header = littleEndian(30).putInt(0x04034b50).putShort((short) 0);
    header.putShort((short) (blank ? flags | 8 : flags)).putShort((short) method);
    header.putShort((short) 0).putShort((short) 0x21);
    header.putInt(blank ? 0 : crc(entry));
    header.putInt(blank ? 0 : (int) storedSize(entry)).putInt(blank ? 0 : (int) size(entry));
    header.putShort((short) entry.localName.length).putShort((short) extra.length);
    out.writeBytes(header.array());
    out.writeBytes(entry.localName);
    out.writeBytes(extra);
    out.writeBytes(entry.stored);
    if (blank) {
      ByteBuffer descriptor = littleEndian(16).putInt(0x08074b50).putInt(crc(entry));
      descriptor.putInt(entry.stored.length).putInt(entry.content.length);
      out.writeBytes(descriptor.array());
    }
  }

  private static byte[] padding(int position, int align) {
    if (align == 0) {
      return new byte[0];
    }
    int pad = Math.floorMod(-(position + 4), align);
    ByteBuffer extra = littleEndian(4 + pad).put((byte) 'F').put((byte) 'B').putShort((short) pad);
    return extra.array();
  }

  private static void putCentral(ByteArrayOutputStream out, Entry entry) {
    ByteBuffer header = littleEndian(46).putInt(0x02014b50);
    header.putShort((short) (entry.madeBy << 8)).putShort((short) 0);
    header.putShort((short) (entry.descriptor ? entry.flags | 8 : entry.flags));
    header.putShort((short) entry.method).putShort((short) 0).putShort((short) 0x21);
    header.putInt(crc(entry)).putInt((int) storedSize(entry)).putInt((int) size(entry));
    header.putShort((short) entry.name.length).putShort((short) entry.extra.length);
    header.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    header.putInt(entry.externalAttributes);
    header.putInt((int) (entry.offset >= 0 ? entry.offset : entry.position));
    out.writeBytes(header.array());
    out.writeBytes(entry.name);
    out.writeBytes(entry.extra);
  }

  private static long storedSize(Entry entry) {
    return entry.storedSize >= 0 ? entry.storedSize : entry.stored.length;
  }

  private static long size(Entry entry) {
    return entry.size >= 0 ? entry.size : entry.content.length;
  }

  private static int crc(Entry entry) {
    if (entry.crc >= 0) {
      return (int) entry.crc;
    }
    var crc32 = new CRC32();
    crc32.update(entry.content);
    return (int) crc32.getValue();
  }

  private static byte[] deflate(byte[] content) {
    var deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
    deflater.setInput(content);
    deflater.finish();
    var out = new ByteArrayOutputStream();
    byte[] buffer = new byte[1 << 16];
    while (!deflater.finished()) {
      out.write(buffer, 0, deflater.deflate(buffer));
    }
    deflater.end();
    return out.toByteArray();
  }

  static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
