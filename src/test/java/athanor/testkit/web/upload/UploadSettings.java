package athanor.testkit.web.upload;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** How the hub behaves where hubs differ. */
public final class UploadSettings {
  private final Map<String, String> refused = new ConcurrentHashMap<>();
  private volatile long chunk;
  private volatile String announcedChunk = "";
  private volatile boolean xetOnly;
  private volatile boolean sameUpload;
  private volatile boolean reversed;
  private volatile int missingPart;
  private volatile boolean ignoresVisibility;

  /** Objects go up as one body; so it is at first. */
  public void basic() {
    chunk = 0;
  }

  /** Objects larger than this go up in parts of so many bytes. */
  public void multipart(long partSize) {
    chunk = partSize;
  }

  /** A repeated batch continues an unfinished multipart upload instead of starting another. */
  public void sameUploadWhenRepeated() {
    sameUpload = true;
  }

  /** Parts are listed from the last to the first. */
  public void partsReversed() {
    reversed = true;
  }

  /** This part, counted from 1, is missing from the list. */
  public void partMissing(int part) {
    missingPart = part;
  }

  /** What {@code chunk_size} says, though the parts have another size. */
  public void announceChunk(String text) {
    announcedChunk = text;
  }

  /** The hub takes nothing but Xet uploads, though nobody offered one. */
  public void xetOnly() {
    xetOnly = true;
  }

  /** The hub refuses one object in the batch with this message. */
  public void refuse(String oid, String message) {
    refused.put(oid, message);
  }

  /** An older server: it knows {@code private}, and {@code visibility} not. */
  public void ignoreVisibility() {
    ignoresVisibility = true;
  }

  long chunk() {
    return chunk;
  }

  String announced(long partSize) {
    return announcedChunk.isEmpty() ? Long.toString(partSize) : announcedChunk;
  }

  boolean isXetOnly() {
    return xetOnly;
  }

  boolean isSameUpload() {
    return sameUpload;
  }

  boolean isVisibilityIgnored() {
    return ignoresVisibility;
  }

  Map<String, String> refused() {
    return refused;
  }

  List<Integer> order(int parts) {
    List<Integer> numbers =
        IntStream.rangeClosed(1, parts)
            .filter(part -> part != missingPart)
            .boxed()
            .collect(Collectors.toList());
    if (reversed) {
      Collections.reverse(numbers);
    }
    return numbers;
  }
}
