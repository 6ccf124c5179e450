package athanor.testkit.disk;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import org.jspecify.annotations.Nullable;

/** A path of a {@link FaultyDisk}; everything about names is as in the real one. */
record FaultyPath(FaultyFileSystem fileSystem, Path real) implements Path {

  static Path real(Path path) {
    return path instanceof FaultyPath faulty ? faulty.real : path;
  }

  private @Nullable Path of(@Nullable Path path) {
    return path == null ? null : new FaultyPath(fileSystem, path);
  }

  @Override
  public FileSystem getFileSystem() {
    return fileSystem;
  }

  @Override
  public boolean isAbsolute() {
    return real.isAbsolute();
  }

  @Override
  public @Nullable Path getRoot() {
    return of(real.getRoot());
  }

  @Override
  public @Nullable Path getFileName() {
    return of(real.getFileName());
  }

  @Override
  public @Nullable Path getParent() {
    return of(real.getParent());
  }

  @Override
  public int getNameCount() {
    return real.getNameCount();
  }

  @Override
  public Path getName(int index) {
    return new FaultyPath(fileSystem, real.getName(index));
  }

  @Override
  public Path subpath(int begin, int end) {
    return new FaultyPath(fileSystem, real.subpath(begin, end));
  }

  @Override
  public boolean startsWith(Path other) {
    return real.startsWith(real(other));
  }

  @Override
  public boolean endsWith(Path other) {
    return real.endsWith(real(other));
  }

  @Override
  public Path normalize() {
    return new FaultyPath(fileSystem, real.normalize());
  }

  @Override
  public Path resolve(Path other) {
    return new FaultyPath(fileSystem, real.resolve(real(other)));
  }

  @Override
  public Path relativize(Path other) {
    return new FaultyPath(fileSystem, real.relativize(real(other)));
  }

  @Override
  public URI toUri() {
    return URI.create("faulty:" + real.toUri().getRawPath());
  }

  @Override
  public Path toAbsolutePath() {
    return new FaultyPath(fileSystem, real.toAbsolutePath());
  }

  @Override
  public Path toRealPath(LinkOption... options) throws IOException {
    fileSystem.provider().disk().reach(Operation.ATTRIBUTES, real);
    return new FaultyPath(fileSystem, real.toRealPath(options));
  }

  @Override
  public WatchKey register(
      WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int compareTo(Path other) {
    return real.compareTo(real(other));
  }

  @Override
  public String toString() {
    return real.toString();
  }
}
