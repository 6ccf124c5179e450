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

  FaultyChannel(FaultyDisk disk, FileChannel real) {
    this.disk = disk;
    this.real = real;
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
    return part(Operation.WRITE, source, real::write);
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int write(ByteBuffer source, long position) throws IOException {
    return part(Operation.WRITE, source, bytes -> real.write(bytes, position));
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
    long allowed = disk.reach(Operation.TRANSFER, count);
    return real.transferTo(position, allowed, target instanceof FaultyChannel f ? f.real : target);
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long position, long count)
      throws IOException {
    long allowed = disk.reach(Operation.TRANSFER, count);
    return real.transferFrom(
        source instanceof FaultyChannel f ? f.real : source, position, allowed);
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
    return this;
  }

  @Override
  public void force(boolean metadata) throws IOException {
    disk.reach(Operation.FORCE);
    real.force(metadata);
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
