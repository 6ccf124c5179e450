package athanor.file;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * A regular file opened for reading only. Positional reads are safe from several threads. Its size,
 * modification time and identity are remembered, so that a file that changes while it is read is
 * noticed. A file that lies on a server can be read in the same way, {@link #elsewhere}.
 */
public final class InputFile implements AutoCloseable {
  private static final int MOST_LINKS = 40;

  private final Path path;
  private final Bytes bytes;
  private final Optional<Function<String, Optional<Path>>> companions;

  private InputFile(Path path, Bytes bytes, Optional<Function<String, Optional<Path>>> companions) {
    this.path = path;
    this.bytes = bytes;
    this.companions = companions;
  }

  /** Where the bytes are. */
  private sealed interface Bytes {
    /** In a file of this computer. */
    record Here(FileChannel channel, BasicFileAttributes opened) implements Bytes {}

    /** Somewhere else. */
    record Elsewhere(long size, PositionalReader reader) implements Bytes {}
  }

  /** Reads bytes that are not on this computer; safe from several threads. */
  public interface PositionalReader {
    /**
     * Fills the rest of {@code target} with the bytes from {@code position} on.
     *
     * @throws athanor.error.AthanorException if they cannot be read
     */
    void read(long position, ByteBuffer target);
  }

  /**
   * A file that is not on this computer. Every read costs a request: good for its structure, not
   * for its values.
   *
   * @param path a path whose last component names the file; nothing is looked up there
   * @param size in bytes
   * @param reader reads it; stays the caller's to close
   */
  public static InputFile elsewhere(Path path, long size, PositionalReader reader) {
    return new InputFile(path, new Bytes.Elsewhere(size, reader), Optional.empty());
  }

  /**
   * Opens a regular file.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it is missing, not a regular file
   *     (directory, pipe, device) or not readable; the message says which
   */
  public static InputFile open(Path path) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      if (attributes.isDirectory()) {
        throw Problem.badFile("this is a folder, not a file")
            .at(path.toString())
            .help("give the file inside it")
            .toException();
      }
      if (!attributes.isRegularFile()) {
        throw Problem.badFile("not a regular file (a pipe or a device)")
            .at(path.toString())
            .toException();
      }
      FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
      // Looked at again, so that what is remembered belongs to the file that was opened.
      return new InputFile(
          path,
          new Bytes.Here(channel, Files.readAttributes(path, BasicFileAttributes.class)),
          Optional.empty());
    } catch (NoSuchFileException e) {
      throw missing(path).toException(e);
    } catch (AccessDeniedException e) {
      throw Problem.badFile("no permission to read this file")
          .at(path.toString())
          .help("check its owner and mode")
          .toException(e);
    } catch (IOException e) {
      throw Problem.badFile("cannot be opened (" + reason(e) + ")")
          .at(path.toString())
          .toException(e);
    }
  }

  private static Problem missing(Path path) {
    boolean danglingLink = Files.isSymbolicLink(path);
    Problem problem =
        Problem.badFile(
                danglingLink ? "this link points to a file that does not exist" : "no such file")
            .at(path.toString());
    Path folder = path.toAbsolutePath().getParent();
    if (folder != null && !Files.isDirectory(folder, new LinkOption[0])) {
      return problem.help("the folder " + folder + " does not exist either; check the path");
    }
    if (isReplaced(path)) {
      return problem.help(
          "this name holds bytes that are not UTF-8, so it cannot be passed on; rename the file");
    }
    return problem.help(NeighbourNames.help(path).orElse("check the name and the folder"));
  }

  /** Whether bytes of the name that are not UTF-8 became replacement characters on their way. */
  static boolean isReplaced(Path path) {
    return path.toString().indexOf('\uFFFD') >= 0;
  }

  /**
   * This file, which came without its neighbours; closing either closes both.
   *
   * @param companions finds the one of a name and says where it is on this computer, if there is
   *     one; called only when it is wanted
   */
  public InputFile accompaniedBy(Function<String, Optional<Path>> companions) {
    return new InputFile(path, bytes, Optional.of(companions));
  }

  /**
   * A file that may belong to another.
   *
   * @param file where it is on this computer
   * @param beside the path of the other in the same folder; its name may differ from that of the
   *     input where the input is a link
   * @param named whether it has the name of the other in front, and so can only belong to it
   */
  public record Companion(Path file, Path beside, boolean named) {}

  /**
   * Files that may belong to this one, the most certain first: {@code STEM.name} and {@code name}
   * in its folder, then, if its path is a link, in each folder that the link leads to. Of a file
   * that is elsewhere, what {@link #accompaniedBy} finds.
   *
   * @param name as {@code adapter_config.json}
   */
  public List<Companion> companions(String name) {
    if (companions.isPresent()) {
      return companions.get().apply(name).stream()
          .map(file -> new Companion(file, path, false))
          .toList();
    }
    List<Companion> found = new ArrayList<>();
    Path hop = path;
    for (int i = 0; isHere() && i < MOST_LINKS; i++) {
      Path named = hop.resolveSibling(stem(hop) + "." + name);
      Path plain = hop.resolveSibling(name);
      if (Files.isRegularFile(named)) {
        found.add(new Companion(named, hop, true));
      }
      if (Files.isRegularFile(plain)) {
        found.add(new Companion(plain, hop, false));
      }
      try {
        hop = hop.resolveSibling(Files.readSymbolicLink(hop));
      } catch (IOException | UnsupportedOperationException e) {
        break;
      }
    }
    return found;
  }

  private static String stem(Path path) {
    String name = String.valueOf(path.getFileName());
    int dot = name.lastIndexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }

  /** The path as the user gave it. */
  public Path path() {
    return path;
  }

  /** The last component of the path. */
  public String name() {
    return Objects.requireNonNullElse(path.getFileName(), path).toString();
  }

  /** Size in bytes when the file was opened. */
  public long size() {
    return switch (bytes) {
      case Bytes.Here here -> here.opened().size();
      case Bytes.Elsewhere elsewhere -> elsewhere.size();
    };
  }

  /** Whether it lies on this computer, so that its values can be read at once. */
  public boolean isHere() {
    return bytes instanceof Bytes.Here;
  }

  /**
   * Fills {@code target} from {@code position} on.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if the file ends earlier or cannot be
   *     read
   */
  public void read(long position, MemorySegment target) {
    long done = 0;
    while (done < target.byteSize()) {
      long piece = Math.min(target.byteSize() - done, pieceOf(target));
      ByteBuffer buffer = target.asSlice(done, piece).asByteBuffer();
      done += read(position + done, buffer);
    }
  }

  /**
   * How much of a segment goes through one call. Java copies arrays through a direct buffer of the
   * same size, which it then keeps for the thread: that buffer must stay small.
   */
  static long pieceOf(MemorySegment segment) {
    return segment.isNative() ? 1 << 30 : 1 << 20;
  }

  /** Fills the rest of {@code buffer} from {@code position} on; returns the number of bytes. */
  private int read(long position, ByteBuffer buffer) {
    int wanted = buffer.remaining();
    if (bytes instanceof Bytes.Elsewhere elsewhere) {
      elsewhere.reader().read(position, buffer);
      return wanted;
    }
    FileChannel channel = channel();
    try {
      while (buffer.hasRemaining()) {
        int count = channel.read(buffer, position + wanted - buffer.remaining());
        if (count < 0) {
          throw changed()
              .found((position + wanted - buffer.remaining()) + " bytes")
              .expected(size() + " bytes")
              .toException();
        }
      }
      return wanted;
    } catch (ClosedChannelException e) {
      throw closed(e);
    } catch (IOException e) {
      throw Problem.badFile("reading failed (" + reason(e) + ")")
          .at(name() + ", byte " + position)
          .toException(e);
    }
  }

  /**
   * The bytes from {@code position} on, as a new array.
   *
   * @throws athanor.error.AthanorException as {@link #read(long, MemorySegment)}
   */
  public byte[] readBytes(long position, int length) {
    byte[] bytes = new byte[length];
    read(position, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /**
   * Returns if the file is still the one that was opened.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if its size, time or identity changed
   */
  public void verifyUnchanged() {
    if (bytes instanceof Bytes.Here(FileChannel _, BasicFileAttributes opened)) {
      verifyUnchanged(opened);
    }
  }

  private void verifyUnchanged(BasicFileAttributes opened) {
    try {
      BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
      if (now.size() != opened.size()
          || !now.lastModifiedTime().equals(opened.lastModifiedTime())
          || !Objects.equals(now.fileKey(), opened.fileKey())) {
        throw changed().toException();
      }
    } catch (IOException e) {
      throw changed().toException(e);
    }
  }

  private Problem changed() {
    return Problem.badFile("the file changed while it was read")
        .at(name())
        .help("wait until nothing writes to it (a download?), then run again");
  }

  FileChannel channel() {
    return switch (bytes) {
      case Bytes.Here here -> here.channel();
      case Bytes.Elsewhere _ -> throw new IllegalStateException(name() + " is not here");
    };
  }

  /** A file that is closed while it is used was closed because the run is being stopped. */
  static AthanorException closed(ClosedChannelException e) {
    return Problem.of(Kind.CANCELLED, "cancelled; nothing was written").toException(e);
  }

  /** The short reason inside an I/O failure. */
  static String reason(IOException e) {
    if (e instanceof FileSystemException fs && fs.getReason() != null) {
      return fs.getReason();
    }
    if (e instanceof AccessDeniedException) {
      return "no permission";
    }
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  @Override
  public void close() {
    if (!isHere()) {
      return;
    }
    try {
      channel().close();
    } catch (IOException e) {
      // Nothing was written through it: there is nothing to lose.
    }
  }
}
