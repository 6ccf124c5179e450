package athanor.testkit.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** An open file of a {@link FaultyDisk}. */
final class FaultyChannel extends FileChannel {
  private final FaultyDisk disk;
  private final FileChannel real;
  private final int number;

  /** The number of a folder, which has names instead of bytes. */
  static final int FOLDER = -1;

  /**
   * @param number the file's in the disk's log
   */
  FaultyChannel(FaultyDisk disk, FileChannel real, int number) {
    this.disk = disk;
    this.real = real;
    this.number = number;
  }

  /** Something that moves bytes of a buffer. */
  private interface Mover {
    int move(ByteBuffer bytes) throws IOException;
  }

  /** Shows the mover only as many bytes of the buffer as the disk lets through. */
  private int part(Operation operation, ByteBuffer bytes, Mover mover) throws IOException {
    int allowed = (int) disk.reach(operation, (long) bytes.remaining());
    int limit = bytes.limit();
    bytes.limit(bytes.position() + allowed);
    try {
      return mover.move(bytes);
    } finally {
      bytes.limit(limit);
    }
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return part(Operation.READ, target, real::read);
  }

  @Override
  public long read(ByteBuffer[] targets, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    return part(Operation.READ, target, bytes -> real.read(bytes, position));
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    long position = real.position();
    return part(Operation.WRITE, source, bytes -> logged(bytes, position, real::write));
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int write(ByteBuffer source, long position) throws IOException {
    return part(
        Operation.WRITE,
        source,
        bytes -> logged(bytes, position, part -> real.write(part, position)));
  }

  private int logged(ByteBuffer bytes, long position, Mover mover) throws IOException {
    ByteBuffer written = bytes.duplicate();
    int count = mover.move(bytes);
    disk.log().wrote(number, position, written.limit(written.position() + count));
    return count;
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
    long allowed = disk.reach(Operation.TRANSFER, count);
    if (!(target instanceof FaultyChannel other)) {
      return real.transferTo(position, allowed, target);
    }
    long at = other.real.position();
    long moved = real.transferTo(position, allowed, other.real);
    ByteBuffer copied = ByteBuffer.allocate(Math.toIntExact(moved));
    real.read(copied, position);
    disk.log().wrote(other.number, at, copied.flip());
    return moved;
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long position, long count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long position() throws IOException {
    disk.reach(Operation.LOOK);
    return real.position();
  }

  @Override
  public FileChannel position(long position) throws IOException {
    disk.reach(Operation.LOOK);
    real.position(position);
    return this;
  }

  @Override
  public long size() throws IOException {
    disk.reach(Operation.LOOK);
    return real.size();
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    disk.reach(Operation.WRITE);
    real.truncate(size);
    disk.log().truncated(number, size);
    return this;
  }

  @Override
  public void force(boolean metadata) throws IOException {
    disk.reach(Operation.FORCE);
    real.force(metadata);
    if (number == FOLDER) {
      disk.log().forcedNames();
    } else {
      disk.log().forced(number);
    }
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) throws IOException {
    disk.reach(Operation.LOCK);
    return real.lock(position, size, shared);
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) throws IOException {
    disk.reach(Operation.LOCK);
    return real.tryLock(position, size, shared);
  }

  /** Closes the file, then fails if it is to fail: what close reports is lost data. */
  @Override
  protected void implCloseChannel() throws IOException {
    real.close();
    disk.reach(Operation.CLOSE);
  }
}
