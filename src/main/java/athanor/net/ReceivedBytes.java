package athanor.net;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which bytes of a file have arrived and which are being fetched. Bytes are handed out from the
 * front, so that the complete beginning, which can be hashed already, grows steadily. Thread-safe.
 */
final class ReceivedBytes {
  /** The end of an extent whose end is not known yet. */
  static final long OPEN_END = Long.MAX_VALUE;

  private final TreeMap<Long, Long> arrived = new TreeMap<>();
  private final TreeMap<Long, Extent> taken = new TreeMap<>();
  private long total;
  private boolean abandoned;

  /** Bytes {@code [position, end)} that one reader fetches; {@code position} grows. */
  static final class Extent {
    private final long start;
    private long position;
    private long end;

    private Extent(long start, long end) {
      this.start = start;
      this.position = start;
      this.end = end;
    }

    long position() {
      return position;
    }

    long end() {
      return end;
    }

    boolean isOpen() {
      return end == OPEN_END;
    }
  }

  /** Bytes {@code [start, end)}. */
  record Span(long start, long end) {}

  /**
   * A receivedBytes of a file of {@code total} bytes, or -1 if that is not known.
   *
   * @param spans what has arrived before: in order, apart from each other, within the file
   */
  ReceivedBytes(long total, List<Span> spans) {
    this.total = total;
    spans.forEach(span -> arrived.put(span.start(), span.end()));
  }

  synchronized long total() {
    return total;
  }

  /** The size has become known. */
  synchronized void total(long size) {
    total = size;
    taken.values().forEach(extent -> extent.end = Math.min(extent.end, size));
    notifyAll();
  }

  /** The first bytes that nobody fetches, at most so many; empty if there are none. */
  synchronized Optional<Extent> take(long most) {
    long at = 0;
    while (true) {
      Map.Entry<Long, Long> done = arrived.floorEntry(at);
      Map.Entry<Long, Extent> busy = taken.floorEntry(at);
      if (done != null && done.getValue() > at) {
        at = done.getValue();
      } else if (busy != null && busy.getValue().end > at) {
        at = busy.getValue().end;
      } else {
        break;
      }
    }
    if (at == OPEN_END || (total >= 0 && at >= total)) {
      return Optional.empty();
    }
    var extent = new Extent(at, Math.min(limit(at), most == OPEN_END ? most : at + most));
    taken.put(at, extent);
    return Optional.of(extent);
  }

  private long limit(long at) {
    Long done = arrived.ceilingKey(at);
    Long busy = taken.ceilingKey(at);
    long end = total >= 0 ? total : OPEN_END;
    end = done == null ? end : Math.min(end, done);
    return busy == null ? end : Math.min(end, busy);
  }

  /** The extent is to end earlier, so that others can take the rest. */
  synchronized void shorten(Extent extent, long length) {
    extent.end = Math.min(extent.end, extent.position + length);
  }

  /** The extent, the only one, is to be the whole file. */
  synchronized void widen(Extent extent) {
    extent.end = total >= 0 ? total : OPEN_END;
  }

  /** The next {@code count} bytes of the extent are in the file. */
  synchronized void wrote(Extent extent, int count) {
    long from = extent.position;
    extent.position += count;
    long to = extent.position;
    Map.Entry<Long, Long> before = arrived.floorEntry(from);
    if (before != null && before.getValue() >= from) {
      from = before.getKey();
    }
    Long after = arrived.remove(to);
    arrived.put(from, after == null ? to : after);
    notifyAll();
  }

  /** The reader has stopped, done or not. */
  synchronized void release(Extent extent) {
    taken.remove(extent.start, extent);
  }

  /** Number of bytes that have arrived. */
  synchronized long received() {
    return arrived.entrySet().stream().mapToLong(span -> span.getValue() - span.getKey()).sum();
  }

  /** Number of bytes that have arrived without a gap from the beginning. */
  synchronized long prefix() {
    Long end = arrived.get(0L);
    return end == null ? 0 : end;
  }

  /** Whether everything has arrived. */
  synchronized boolean isComplete() {
    return total >= 0 && prefix() == total;
  }

  /** What has arrived, in order. */
  synchronized List<Span> spans() {
    List<Span> spans = new ArrayList<>();
    arrived.forEach((start, end) -> spans.add(new Span(start, end)));
    return spans;
  }

  /** Nobody goes on with this download; wakes whoever waits. */
  synchronized void abandon() {
    abandoned = true;
    notifyAll();
  }

  /**
   * Waits until the prefix is longer than {@code known}; returns its length, {@code known} itself
   * when the file is complete, -1 when it was abandoned.
   */
  synchronized long awaitPrefixBeyond(long known) throws InterruptedException {
    while (!abandoned && prefix() <= known && !isComplete()) {
      wait();
    }
    return abandoned ? -1 : prefix();
  }
}
