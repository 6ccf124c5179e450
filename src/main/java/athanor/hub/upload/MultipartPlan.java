package athanor.hub.upload;

import athanor.net.Json;
import athanor.net.Url;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * An upload in parts, as the Hub planned it. Its addresses are signed and therefore secret.
 *
 * @param chunk bytes of every part but the last
 * @param addresses one for each part
 * @param completion where the parts are put together
 * @param verify where to say that it is done
 * @param received when the addresses came
 * @param validity for how long they are good, if they say it
 */
record MultipartPlan(
    long chunk,
    List<URI> addresses,
    URI completion,
    Optional<URI> verify,
    Instant received,
    Optional<Duration> validity) {
  /** Time that a request needs to arrive. */
  private static final Duration MARGIN = Duration.ofSeconds(20);

  /** No signature of S3 is good for longer. */
  private static final Duration LONGEST = Duration.ofDays(7);

  /** S3 knows no more parts of an object. */
  private static final int MOST = 10_000;

  MultipartPlan {
    addresses = List.copyOf(addresses);
    validity =
        validity
            .filter(Duration::isPositive)
            .map(time -> time.compareTo(LONGEST) > 0 ? LONGEST : time);
  }

  /**
   * Reads the header of an upload action: {@code chunk_size} and an address for each part number.
   *
   * @param given checks an address that came from the Hub
   * @return empty if it makes no sense for an object of this size
   */
  static Optional<MultipartPlan> of(
      Json upload, Optional<URI> verify, long size, Function<String, URI> given) {
    if (!(upload.get("header") instanceof Json.Fields header)) {
      return Optional.empty();
    }
    Map<Integer, String> numbered = new TreeMap<>();
    header
        .fields()
        .forEach((name, value) -> {
          if (name.matches("\\d{1,6}")) {
            value.text().ifPresent(text -> numbered.put(Integer.parseInt(name), text));
          }
        });
    long chunk =
        header
            .get("chunk_size")
            .text()
            .filter(text -> text.matches("\\d{1,12}"))
            .map(Long::valueOf)
            .orElse(0L);
    Optional<String> completion = upload.get("href").text();
    if (completion.isEmpty() || !isComplete(numbered, chunk, size)) {
      return Optional.empty();
    }
    List<URI> addresses = numbered.values().stream().map(given).toList();
    Optional<Duration> validity =
        validity(addresses.getFirst())
            .or(() -> upload.get("expires_in").whole().map(Duration::ofSeconds));
    return Optional.of(
        new MultipartPlan(
            chunk, addresses, given.apply(completion.get()), verify, Instant.now(), validity));
  }

  private static boolean isComplete(Map<Integer, String> numbered, long chunk, long size) {
    if (numbered.size() > MOST || !isCount(numbered.size(), chunk, size)) {
      return false;
    }
    int expected = 1;
    for (int number : numbered.keySet()) {
      if (number != expected++) {
        return false;
      }
    }
    return true;
  }

  /** Whether so many parts make up an object of this size. */
  private static boolean isCount(int parts, long chunk, long size) {
    return chunk > 0 && size > 0 && parts == (size - 1) / chunk + 1;
  }

  private static Optional<Duration> validity(URI address) {
    return Optional.ofNullable(Url.query(address).get("X-Amz-Expires"))
        .filter(text -> text.matches("\\d{1,9}"))
        .map(text -> Duration.ofSeconds(Long.parseLong(text)));
  }

  /** Which upload of the storage this is; empty if the addresses do not tell. */
  String uploadId() {
    String id = Url.query(completion).get("uploadId");
    return id != null ? id : Url.query(addresses.getFirst()).getOrDefault("uploadId", "");
  }

  /** Whether parts sent under the other plan count for this one. */
  boolean continues(MultipartPlan other) {
    return !uploadId().isEmpty() && uploadId().equals(other.uploadId()) && chunk == other.chunk;
  }

  /** Whether the addresses are too old to begin a request with. */
  boolean isExpired(Instant now) {
    return validity.map(time -> now.isAfter(received.plus(time).minus(margin(time)))).orElse(false);
  }

  private static Duration margin(Duration validity) {
    Duration tenth = validity.dividedBy(10);
    return tenth.compareTo(MARGIN) < 0 ? tenth : MARGIN;
  }

  long offset(int number) {
    return (number - 1) * chunk;
  }

  long length(int number, long size) {
    return Math.min(chunk, size - offset(number));
  }

  Json toJson() {
    Map<String, Json> fields = new LinkedHashMap<>();
    fields.put("chunk", Json.of(chunk));
    fields.put("completion", Json.of(completion.toString()));
    fields.put("verify", Json.of(verify.map(URI::toString).orElse("")));
    fields.put("received", Json.of(received.toEpochMilli()));
    fields.put("validity", Json.of(validity.map(Duration::toSeconds).orElse(0L)));
    List<Json> parts = new ArrayList<>();
    addresses.forEach(address -> parts.add(Json.of(address.toString())));
    fields.put("parts", new Json.Items(parts));
    return Json.of(fields);
  }

  /** What {@link #toJson} wrote; empty if it is damaged or for an object of another size. */
  static Optional<MultipartPlan> fromJson(Json json, long size) {
    try {
      List<URI> addresses =
          json.get("parts").items().stream()
              .map(item -> Url.parse(item.text().orElse("")))
              .toList();
      long chunk = json.get("chunk").whole().orElse(0L);
      long validity = json.get("validity").whole().orElse(0L);
      var parts =
          new MultipartPlan(
              chunk,
              addresses,
              Url.parse(json.get("completion").text().orElseThrow()),
              json.get("verify").text().map(Url::parse),
              Instant.ofEpochMilli(json.get("received").whole().orElseThrow()),
              validity > 0 ? Optional.of(Duration.ofSeconds(validity)) : Optional.empty());
      boolean fits = isCount(addresses.size(), chunk, size);
      return fits ? Optional.of(parts) : Optional.empty();
    } catch (RuntimeException e) {
      return Optional.empty();
    }
  }

  /** Shows no address. */
  @Override
  public String toString() {
    return addresses.size() + " parts of " + chunk + " bytes";
  }
}
