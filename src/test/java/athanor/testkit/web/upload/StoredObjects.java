package athanor.testkit.web.upload;

import athanor.testkit.web.Blob;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The complete objects that the hub has, by their SHA-256. */
public final class StoredObjects {
  private final Map<String, Blob> objects = new ConcurrentHashMap<>();

  /** An object of which the content is a file. */
  record FileBlob(Path file, long size, String sha256) implements Blob {
    @Override
    public void write(OutputStream out, long from, long to) throws IOException {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        long at = from;
        while (at < to) {
          at += channel.transferTo(at, to - at, Channels.newChannel(out));
        }
      }
    }
  }

  /** An object of which only the size was looked at. */
  record Counted(long size, String sha256) implements Blob {
    @Override
    public void write(OutputStream out, long from, long to) throws IOException {
      throw new IOException("the content was not kept");
    }
  }

  /** The hub has this object from now on. */
  public void add(Blob blob) {
    objects.put(blob.sha256(), blob);
  }

  /** An object. */
  public Optional<Blob> find(String sha256) {
    return Optional.ofNullable(objects.get(sha256));
  }

  /** Whether the object is there in this size. */
  public boolean has(String sha256, long size) {
    return find(sha256).filter(blob -> blob.size() == size).isPresent();
  }

  /** The hub loses an object; what was committed with it can still be read. */
  public void forget(String sha256) {
    objects.remove(sha256);
  }

  /** The hub loses all objects; what was committed with them can still be read. */
  public void forgetAll() {
    objects.clear();
  }

  /** All objects are gone from the disk too. */
  public void purge() throws IOException {
    for (Blob blob : objects.values()) {
      if (blob instanceof FileBlob stored) {
        Files.deleteIfExists(stored.file());
      }
    }
    forgetAll();
  }
}
