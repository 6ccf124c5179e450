package athanor.report;

import athanor.hub.Cache;

/**
 * A file of the cache.
 *
 * @param state {@code cached}; {@code sound} or {@code damaged, removed} after it was verified
 * @param file where it is
 * @param sha256 its hash
 * @param bytes its size
 * @param source the link that it came from
 * @param added when it came, ISO 8601 in UTC
 * @param name its name
 */
@LineName("entry")
public record CachedFile(
    String state,
    String file,
    String sha256,
    long bytes,
    String source,
    String added,
    @ForText String name)
    implements Result {

  /** An entry of the cache in this state. */
  public static CachedFile of(Cache.Entry entry, String state) {
    return new CachedFile(
        state,
        entry.path().toString(),
        entry.sha256(),
        entry.size(),
        entry.source(),
        entry.added().toString(),
        String.valueOf(entry.path().getFileName()));
  }
}
