package athanor.net;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What stands beside an unfinished download, so that a later run can go on with it: which file it
 * is, and which bytes are durable. It holds no address, because addresses may be signed.
 *
 * @param identity what was asked for, pinned to a revision
 * @param size of the whole file, or -1
 * @param sha256 the listed hash
 * @param validator of the storage's answers so far
 * @param spans what has arrived
 */
record PartState(
    String identity,
    long size,
    Optional<String> sha256,
    Optional<Validator> validator,
    List<ReceivedBytes.Span> spans) {
  private static final String FORMAT = "1";

  /** Whether bytes of this state belong to the wanted file. */
  boolean fits(Download.Wanted wanted) {
    boolean sameSize = wanted.size().isEmpty() || wanted.size().getAsLong() == size;
    if (wanted.sha256().isPresent() || sha256.isPresent()) {
      return sameSize && wanted.sha256().equals(sha256);
    }
    return sameSize && identity.equals(wanted.identity());
  }

  byte[] toBytes() {
    List<Json> list = new ArrayList<>();
    for (ReceivedBytes.Span span : spans) {
      list.add(new Json.Items(List.of(Json.of(span.start()), Json.of(span.end()))));
    }
    return Json.of(
            Map.of(
                "athanor-part", Json.of(FORMAT),
                "identity", Json.of(identity),
                "size", Json.of(size),
                "sha256", Json.of(sha256.orElse("")),
                "etag", Json.of(validator.map(Validator::text).orElse("")),
                "arrived", new Json.Items(list)))
        .toBytes();
  }

  /** Reads a state; empty if it is damaged, of another format or does not fit into the file. */
  static Optional<PartState> parse(byte[] text, long fileSize) {
    try {
      Json json = Json.parse(text);
      List<ReceivedBytes.Span> spans = new ArrayList<>();
      long last = -1;
      for (Json item : json.get("arrived").items()) {
        long start = whole(item.items().get(0));
        long end = whole(item.items().get(1));
        if (start <= last || end <= start || end > fileSize) {
          return Optional.empty();
        }
        spans.add(new ReceivedBytes.Span(start, end));
        last = end;
      }
      long size = whole(json.get("size"));
      boolean sound =
          json.get("athanor-part").equals(Json.of(FORMAT)) && (size < 0 || last <= size);
      var state =
          new PartState(
              json.get("identity").text().orElse(""),
              size,
              json.get("sha256").text(),
              json.get("etag").text().flatMap(Validator::of),
              List.copyOf(spans));
      return sound ? Optional.of(state) : Optional.empty();
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  private static long whole(Json value) throws IOException {
    return value.whole().orElseThrow(() -> new IOException("not a whole number"));
  }
}
