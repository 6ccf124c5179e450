package athanor.net;

import athanor.error.Kind;
import athanor.error.PrintableText;
import athanor.error.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a {@link DownloadAttempt}: asks for an extent, judges the answer, and writes
 * its bytes to their place. An answer that is short or breaks off leaves the rest of the extent to
 * be taken again.
 */
final class ExtentReader {
  private static final int BUFFER = 256 << 10;

  private final DownloadAttempt transfer;
  private final int index;
  private final Backoff backoff;
  private final byte[] buffer = new byte[BUFFER];
  private @Nullable Call refused;

  ExtentReader(DownloadAttempt transfer, int index) {
    this.transfer = transfer;
    this.index = index;
    this.backoff = new Backoff(transfer.http().settings(), transfer.stop());
  }

  void read(ReceivedBytes.Extent extent) {
    Call call = transfer.body().call();
    try (Reply reply = transfer.http().send(ranged(call, extent), transfer.stop())) {
      if (reply.isSuccess()) {
        copy(reply, extent);
      } else if (reply.status() == 416) {
        outOfRange(reply, extent);
      } else {
        refused(call, reply.refusal());
      }
    } catch (IOException e) {
      backoff.failed(call.address(), e);
    }
  }

  private Call ranged(Call call, ReceivedBytes.Extent extent) {
    boolean empty = transfer.receivedBytes().total() == 0;
    if (!transfer.ranged() || empty) {
      return call;
    }
    long last = extent.end() - 1;
    Call ranged =
        extent.isOpen() ? call.rangeFrom(extent.position()) : call.range(extent.position(), last);
    Optional<String> condition = transfer.validator().flatMap(Validator::forIfRange);
    boolean hashDecides = transfer.wanted().sha256().isPresent();
    return condition.isPresent() && !hashDecides && extent.position() > 0
        ? ranged.with("If-Range", condition.get())
        : ranged;
  }

  private void outOfRange(Reply reply, ReceivedBytes.Extent extent) {
    OptionalLong total =
        reply
            .header("content-range")
            .flatMap(ContentRange::parse)
            .map(ContentRange::total)
            .orElse(OptionalLong.empty());
    boolean atTheEnd = total.isPresent() && total.getAsLong() == extent.position();
    if (atTheEnd && transfer.receivedBytes().total() < 0) {
      transfer.receivedBytes().total(total.getAsLong());
      return;
    }
    if (total.isPresent() && transfer.wanted().size().isPresent()) {
      requireListedSize(total.getAsLong());
    }
    throw new StartOver("the server refuses the rest of the file (HTTP 416)", transfer.ranged());
  }

  @SuppressWarnings("ReferenceEquality") // the same attempt, not an equal one
  private void refused(Call call, Refusal refusal) {
    Problem problem = transfer.body().source().explain(refusal);
    boolean busy = refusal.status() == 429 || refusal.status() == 503;
    if (index > 0 && (busy || (refusal.status() == 403 && refused != null && refused != call))) {
      transfer.useOneConnection();
    } else if (refusal.isTransient()) {
      backoff.failed(refusal, problem);
    } else if (!LocatedBody.mayHaveExpired(refusal) || !transfer.body().renew(call)) {
      throw problem.toException();
    } else {
      refused = call;
    }
  }

  private void copy(Reply reply, ReceivedBytes.Extent extent) throws IOException {
    boolean partial = reply.status() == 206;
    if (!partial && reply.status() != 200) {
      throw wrong("an answer without the file", "HTTP " + reply.status()).toException();
    }
    if (!partial && (extent.position() > 0 || transfer.receivedBytes().received() > 0)) {
      throw new StartOver("the server cannot continue a download", false);
    }
    byte[] start = new byte[0];
    if (extent.position() == 0) {
      start = reply.bytes(FirstBytes.ENOUGH);
      FirstBytes.refuseErrorPages(
          start, transfer.wanted().name(), transfer.body().source().adviceForWrongContent());
    }
    refuseEncoding(reply);
    long end = partial ? partialEnd(reply, extent) : wholeEnd(reply);
    requireSameFile(reply);
    if (partial) {
      transfer.serverUnderstandsRanges(extent);
    } else {
      transfer.useOneConnection();
      transfer.receivedBytes().widen(extent);
    }
    if (start.length > Math.min(end, extent.end()) - extent.position()) {
      throw wrong("more bytes than listed", start.length + " or more").toException();
    }
    write(start, start.length, extent);
    drain(reply, extent, end);
  }

  private void refuseEncoding(Reply reply) {
    String encoding = reply.header("content-encoding").orElse("identity");
    if (!encoding.equalsIgnoreCase("identity") && !encoding.isBlank()) {
      throw wrong("the file in a packed form that was not asked for", PrintableText.line(encoding))
          .help("a proxy on the way may do this; try another network")
          .toException();
    }
  }

  /** The end of the bytes in a partial answer, which must begin where asked and not go further. */
  private long partialEnd(Reply reply, ReceivedBytes.Extent extent) throws IOException {
    ContentRange range =
        reply
            .header("content-range")
            .flatMap(ContentRange::parse)
            .orElseThrow(() -> new IOException("a partial answer that does not say which part"));
    if (range.first() != extent.position() || range.last() >= extent.end()) {
      throw new IOException("the server sent another part of the file than asked for");
    }
    if (range.total().isPresent()) {
      learnSize(range.total().getAsLong());
    }
    return range.last() + 1;
  }

  /** The end of the bytes in a complete answer; open if the server does not say. */
  private long wholeEnd(Reply reply) {
    if (reply.length().isPresent()) {
      learnSize(reply.length().getAsLong());
    }
    long total = transfer.receivedBytes().total();
    return total >= 0 ? total : ReceivedBytes.OPEN_END;
  }

  private void learnSize(long size) {
    if (transfer.wanted().size().isPresent()) {
      requireListedSize(size);
    }
    long known = transfer.receivedBytes().total();
    if (known < 0) {
      Download.requireSpace(transfer.wanted().target(), size - transfer.receivedBytes().received());
      transfer.receivedBytes().total(size);
    } else if (known != size) {
      throw new StartOver("the file on the server was replaced", transfer.ranged());
    }
  }

  private void requireListedSize(long size) {
    long listed = transfer.wanted().size().orElse(size);
    if (listed != size) {
      throw Problem.of(Kind.NETWORK, "the server's file is not the listed one")
          .at(transfer.wanted().name())
          .found(size + " bytes")
          .expected(listed + " bytes")
          .help("try again later; if it stays so, the listing is wrong")
          .toException();
    }
  }

  private void requireSameFile(Reply reply) {
    Optional<Validator> known = transfer.validator();
    boolean joins = transfer.receivedBytes().received() > 0;
    boolean hashDecides = transfer.wanted().sha256().isPresent();
    if (joins && !hashDecides && known.isPresent() && !known.get().fits(reply)) {
      throw new StartOver("the file on the server was replaced", transfer.ranged());
    }
    Optional<Validator> seen = Validator.of(reply);
    if (seen.isPresent() && (known.isEmpty() || !joins || hashDecides)) {
      transfer.validator(seen);
    }
  }

  private void drain(Reply reply, ReceivedBytes.Extent extent, long end) throws IOException {
    InputStream in = reply.body();
    while (extent.position() < Math.min(end, extent.end())) {
      transfer.stop().check();
      long left = Math.min(end, extent.end()) - extent.position();
      int count = in.read(buffer, 0, (int) Math.min(BUFFER, left));
      if (count < 0) {
        if (end != ReceivedBytes.OPEN_END) {
          throw new IOException("EOF before the announced end");
        }
        transfer.receivedBytes().total(extent.position());
        return;
      }
      write(buffer, count, extent);
    }
    boolean couldBeLonger = reply.status() == 200 && reply.length().isEmpty();
    if (couldBeLonger && extent.position() == transfer.receivedBytes().total() && in.read() >= 0) {
      throw wrong("more bytes than listed", "more").expected(extent.position()).toException();
    }
  }

  private void write(byte[] bytes, int count, ReceivedBytes.Extent extent) {
    if (count == 0) {
      return;
    }
    transfer.part().write(ByteBuffer.wrap(bytes, 0, count), extent.position());
    transfer.receivedBytes().wrote(extent, count);
    transfer.received(count);
    backoff.progressed(count);
    transfer.body().works();
  }

  private Problem wrong(String what, String found) {
    return Problem.of(Kind.NETWORK, "the server sent " + what)
        .at(transfer.wanted().name())
        .found(found);
  }
}
