package athanor.testkit.disk;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Passes every operation to the default provider, after the disk has had its say. */
final class FaultyProvider extends FileSystemProvider {
  private static final FileSystemProvider REAL = FileSystems.getDefault().provider();

  private final FaultyDisk disk;

  FaultyProvider(FaultyDisk disk) {
    this.disk = disk;
  }

  FaultyDisk disk() {
    return disk;
  }

  private Path reach(Operation operation, Path path) throws IOException {
    disk.reach(operation, path);
    return FaultyPath.real(path);
  }

  @Override
  public String getScheme() {
    return "faulty";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> env) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Path getPath(URI uri) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    Path real = reach(Operation.OPEN, path);
    boolean folder = Files.isDirectory(real);
    boolean there = Files.exists(real);
    FileChannel channel = REAL.newFileChannel(real, options, attributes);
    if (folder) {
      return new FaultyChannel(disk, channel, FaultyChannel.FOLDER);
    }
    int number = disk.log().opened(real, !there);
    if (there && options.contains(StandardOpenOption.TRUNCATE_EXISTING)) {
      disk.log().truncated(number, 0);
    }
    return new FaultyChannel(disk, channel, number);
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path folder, DirectoryStream.Filter<? super Path> filter) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> real =
        REAL.newDirectoryStream(reach(Operation.LIST, folder), entry -> true)) {
      for (Path entry : real) {
        Path own = disk.path(entry);
        if (filter.accept(own)) {
          entries.add(own);
        }
      }
    }
    return new Listing(entries);
  }

  private record Listing(List<Path> entries) implements DirectoryStream<Path> {
    @Override
    public Iterator<Path> iterator() {
      return entries.iterator();
    }

    @Override
    public void close() {}
  }

  @Override
  public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
    REAL.createDirectory(reach(Operation.OPEN, folder), attributes);
  }

  @Override
  public void createLink(Path link, Path existing) throws IOException {
    Path real = reach(Operation.LINK, link);
    REAL.createLink(real, FaultyPath.real(existing));
    disk.log().linked(real, FaultyPath.real(existing));
  }

  @Override
  public Path readSymbolicLink(Path link) throws IOException {
    return disk.path(REAL.readSymbolicLink(reach(Operation.ATTRIBUTES, link)));
  }

  @Override
  public void delete(Path path) throws IOException {
    Path real = reach(Operation.DELETE, path);
    REAL.delete(real);
    disk.log().deleted(real);
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) throws IOException {
    Path real = reach(Operation.MOVE, source);
    REAL.move(real, FaultyPath.real(target), options);
    disk.log().moved(real, FaultyPath.real(target));
  }

  @Override
  public boolean isSameFile(Path one, Path other) throws IOException {
    return REAL.isSameFile(reach(Operation.ATTRIBUTES, one), FaultyPath.real(other));
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    return REAL.isHidden(reach(Operation.ATTRIBUTES, path));
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    return REAL.getFileStore(reach(Operation.ATTRIBUTES, path));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    REAL.checkAccess(reach(Operation.ATTRIBUTES, path), modes);
  }

  @Override
  public <V extends FileAttributeView> @Nullable V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    if (type != PosixFileAttributeView.class) {
      throw new UnsupportedOperationException(type.getName());
    }
    var view =
        REAL.getFileAttributeView(FaultyPath.real(path), PosixFileAttributeView.class, options);
    return view == null ? null : type.cast(new FaultyMode(disk, path, view));
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    return REAL.readAttributes(reach(Operation.ATTRIBUTES, path), type, options);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
      throws IOException {
    return REAL.readAttributes(reach(Operation.ATTRIBUTES, path), attributes, options);
  }

  @Override
  public void setAttribute(Path path, String attribute, Object value, LinkOption... options)
      throws IOException {
    REAL.setAttribute(reach(Operation.SET_ATTRIBUTES, path), attribute, value, options);
  }
}
