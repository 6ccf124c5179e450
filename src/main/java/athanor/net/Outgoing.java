package athanor.net;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A slice of a file on its way. It is read in pieces as the connection takes them, and it is known
 * when the last piece was taken: a request that takes hours is fine as long as it moves.
 */
final class Outgoing implements Flow.Publisher<ByteBuffer> {
  private static final int PIECE = 256 << 10;

  private final Content.Slice slice;
  private volatile long moved = System.nanoTime();
  private volatile boolean complete;

  Outgoing(Content.Slice slice) {
    this.slice = slice;
    this.complete = slice.length() == 0;
  }

  BodyPublisher publisher() {
    return slice.length() == 0
        ? BodyPublishers.noBody()
        : BodyPublishers.fromPublisher(this, slice.length());
  }

  /**
   * Returns if there is still hope. The end of a file may wait in the buffers of the system when it
   * was taken from here, so the answer has both times.
   *
   * @throws IOException if the server takes nothing more, or took everything and says nothing
   */
  void requireMotion(String host, Duration sending, Duration answer) throws IOException {
    Duration still = Duration.ofNanos(System.nanoTime() - moved);
    if (complete && still.compareTo(answer.plus(sending)) > 0) {
      throw new HttpTimeoutException("no answer in time");
    }
    if (!complete && still.compareTo(sending) > 0) {
      throw new IOException(host + " has taken no data for " + sending.toSeconds() + " s");
    }
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    complete = false;
    moved = System.nanoTime();
    slice.reached().accept(0);
    subscriber.onSubscribe(new Pieces(subscriber));
  }

  /** One attempt, from the beginning of the slice. */
  private final class Pieces implements Flow.Subscription {
    private final Flow.Subscriber<? super ByteBuffer> subscriber;
    private final AtomicLong demand = new AtomicLong();
    private long sent;
    private volatile boolean ended;

    Pieces(Flow.Subscriber<? super ByteBuffer> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void request(long count) {
      if (count <= 0) {
        fail(new IllegalArgumentException("a request for " + count + " pieces"));
        return;
      }
      // Whoever raises the demand from zero serves it; others only add to it.
      if (demand.getAndAccumulate(count, Pieces::sum) == 0) {
        do {
          next().ifPresent(this::emit);
        } while (demand.decrementAndGet() > 0);
      }
    }

    private static long sum(long one, long other) {
      return one + other < 0 ? Long.MAX_VALUE : one + other;
    }

    private Optional<ByteBuffer> next() {
      if (ended) {
        return Optional.empty();
      }
      try {
        int length = (int) Math.min(PIECE, slice.length() - sent);
        return Optional.of(ByteBuffer.wrap(slice.file().readBytes(slice.offset() + sent, length)));
      } catch (RuntimeException e) {
        fail(e);
        return Optional.empty();
      }
    }

    private void emit(ByteBuffer piece) {
      sent += piece.remaining();
      moved = System.nanoTime();
      slice.reached().accept(sent);
      boolean last = sent == slice.length();
      complete = last;
      subscriber.onNext(piece);
      if (last && !ended) {
        ended = true;
        subscriber.onComplete();
      }
    }

    private void fail(RuntimeException e) {
      if (!ended) {
        ended = true;
        subscriber.onError(e);
      }
    }

    @Override
    public void cancel() {
      ended = true;
    }
  }
}
