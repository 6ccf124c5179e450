package athanor.net;

import athanor.error.Problem;
import athanor.progress.Cancellation;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file on a server, read by range requests in blocks of 256 KiB that are kept for a while, so
 * that a header, whose length stands in its first bytes, costs one request or two.
 */
public final class RemoteRanges implements RangedSource {
  private static final int BLOCK = 256 << 10;
  private static final int KEPT_BLOCKS = 64;

  private final String name;
  private final LocatedBody body;
  private final Map<Long, byte[]> blocks;
  private final long size;
  private final boolean ranged;
  private long transferred;

  private RemoteRanges(String name, LocatedBody body, LocatedBody.Piece start, long size) {
    this.name = name;
    this.body = body;
    this.size = size;
    this.ranged = start.ranged();
    this.transferred = start.bytes().length;
    this.blocks =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Long, byte[]> eldest) {
            return size() > KEPT_BLOCKS;
          }
        };
    blocks.put(0L, start.bytes());
  }

  /**
   * Opens a file on a server; reads its first block and judges it.
   *
   * @param name what to call it in messages
   * @param listedSize the size its listing gives, or -1
   * @throws athanor.error.AthanorException of kind NETWORK if the server refuses, does not say how
   *     large the file is, or sends a web page or an error text instead
   */
  public static RemoteRanges open(
      Http http, BodySource source, String name, long listedSize, Cancellation cancellation) {
    if (listedSize == 0) {
      throw Problem.badFile("the file is empty").at(name).toException();
    }
    var body = new LocatedBody(http, source, cancellation);
    long last = listedSize > 0 ? Math.min(BLOCK, listedSize) - 1 : BLOCK - 1;
    LocatedBody.Piece start = body.piece(0, last);
    FirstBytes.refuseErrorPages(start.bytes(), name, source.adviceForWrongContent());
    long size = start.total() >= 0 ? start.total() : listedSize;
    if (size < 0) {
      throw Problem.badFile("the server does not say how large the file is")
          .at(name)
          .help("download the file first: athanor get LINK")
          .toException();
    }
    return new RemoteRanges(name, body, start, size);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public boolean isRanged() {
    return ranged;
  }

  @Override
  public synchronized long transferred() {
    return transferred;
  }

  @Override
  public synchronized byte[] read(long position, int length) {
    requireInside(name, size, position, length);
    if (length == 0) {
      return new byte[0];
    }
    long firstBlock = position / BLOCK;
    long lastBlock = (position + length - 1) / BLOCK;
    if (lastBlock - firstBlock >= KEPT_BLOCKS / 2) {
      return fetch(position, position + length);
    }
    fetchMissing(firstBlock, lastBlock);
    byte[] out = new byte[length];
    for (long block = firstBlock; block <= lastBlock; block++) {
      byte[] bytes = blocks.get(block);
      if (bytes == null) {
        throw new IllegalStateException("block " + block);
      }
      long start = Math.max(position, block * BLOCK);
      long end = Math.min(position + length, block * BLOCK + bytes.length);
      System.arraycopy(
          bytes, (int) (start - block * BLOCK), out, (int) (start - position), (int) (end - start));
    }
    return out;
  }

  /** Fetches the blocks from the first to the last one missing, in one request. */
  private void fetchMissing(long firstBlock, long lastBlock) {
    long from = firstBlock;
    long to = lastBlock;
    while (from <= to && isComplete(from)) {
      from++;
    }
    while (to >= from && isComplete(to)) {
      to--;
    }
    if (from > to) {
      return;
    }
    byte[] bytes = fetch(from * BLOCK, Math.min(size, (to + 1) * BLOCK));
    for (long block = from; block <= to; block++) {
      int start = (int) ((block - from) * BLOCK);
      int end = Math.min(bytes.length, start + BLOCK);
      blocks.put(block, Arrays.copyOfRange(bytes, start, end));
    }
  }

  private boolean isComplete(long block) {
    byte @Nullable [] bytes = blocks.get(block);
    return bytes != null && bytes.length == Math.min(BLOCK, size - block * BLOCK);
  }

  private byte[] fetch(long from, long to) {
    byte[] out = new byte[Math.toIntExact(to - from)];
    int done = 0;
    while (done < out.length) {
      byte[] bytes = body.piece(from + done, to - 1).bytes();
      System.arraycopy(bytes, 0, out, done, bytes.length);
      done += bytes.length;
      transferred += bytes.length;
      if (bytes.length == 0) {
        throw shorter(name, size, from, out.length).toException();
      }
    }
    return out;
  }

  static void requireInside(String name, long size, long position, int length) {
    if (position < 0 || length < 0 || position > size - length) {
      throw shorter(name, size, position, length).toException();
    }
  }

  static Problem shorter(String name, long size, long position, int length) {
    return Problem.badFile("the file is shorter than its header says")
        .at(name)
        .found(size + " bytes")
        .expected("at least " + (position + length));
  }

  /** Forgets the blocks; connections belong to the {@link Http}. */
  @Override
  public synchronized void close() {
    blocks.clear();
  }
}
