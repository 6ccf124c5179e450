package athanor.file;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An output in the making: a temporary file beside its target. {@link #publish} makes it durable
 * and gives it its name in one step; closing it before that removes it. Positional writes are safe
 * from several threads; publishing and closing belong to one.
 *
 * <p>The same holds when the process ends on a signal: a shutdown hook removes what was not
 * published. Only SIGKILL or a power cut can leave the temporary file, which the next run with the
 * same output removes ({@link TemporaryFiles}).
 */
public final class OutputFile implements AutoCloseable {
  private static final int COPY_PIECE = 256 << 10;

  private final OutputTarget target;
  private final Path temporary;
  private final FileChannel channel;
  private final CopyChannels copies;
  private final @Nullable Object identity;
  private volatile State state = State.OPEN;
  private final @Nullable RunningHash hash;
  private @Nullable String sha256;

  private enum State {
    OPEN,
    SEALED,
    PUBLISHED,
    DISCARDED
  }

  private OutputFile(
      OutputTarget target, Path temporary, FileChannel channel, @Nullable Object identity) {
    this.target = target;
    this.temporary = temporary;
    this.channel = channel;
    this.copies = new CopyChannels(temporary);
    this.identity = identity;
    this.hash = target.isHashed() ? new RunningHash(this::readFully) : null;
  }

  static OutputFile create(OutputTarget target) {
    TemporaryFiles.removeAbandoned(target.real());
    Path temporary = TemporaryFiles.nameFor(target.real());
    try {
      FileChannel channel = TemporaryFiles.create(temporary, FileMode.of(target.real()));
      return of(target, temporary, channel);
    } catch (IOException e) {
      throw failure("cannot be created", target.path(), e);
    }
  }

  private static OutputFile of(OutputTarget target, Path temporary, FileChannel channel)
      throws IOException {
    try {
      var output = new OutputFile(target, temporary, channel, TemporaryFiles.identity(temporary));
      TemporaryFiles.markInUse(channel);
      UnpublishedOutputs.add(output);
      return output;
    } catch (IOException e) {
      try (channel) {
        Files.deleteIfExists(temporary);
      }
      throw e;
    }
  }

  /** The path the output will have. */
  public Path path() {
    return target.path();
  }

  /** Where the bytes are until then. */
  public Path temporaryPath() {
    return temporary;
  }

  /**
   * The SHA-256 of the sealed file, 64 lower-case hex digits; empty before, and if {@link
   * OutputTarget#hashed} did not ask for it.
   */
  public Optional<String> sha256() {
    return Optional.ofNullable(sha256);
  }

  /**
   * Writes all of {@code bytes} at {@code position}.
   *
   * @throws athanor.error.AthanorException of kind RESOURCES if the disk is full or fails
   */
  public void write(long position, MemorySegment bytes) {
    long done = 0;
    while (done < bytes.byteSize()) {
      long piece = Math.min(bytes.byteSize() - done, InputFile.pieceOf(bytes));
      write(position + done, bytes.asSlice(done, piece).asByteBuffer());
      done += piece;
    }
  }

  /** Writes the rest of {@code bytes} at {@code position}; fails as the other {@code write}. */
  public void write(long position, ByteBuffer bytes) {
    MemorySegment content = MemorySegment.ofBuffer(bytes);
    try {
      long at = position;
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
      if (hash != null) {
        hash.wrote(position, content);
      }
    } catch (IOException e) {
      throw failed("writing failed", e);
    }
  }

  /**
   * Reads back bytes that were written before, from any thread, while the file is not sealed.
   *
   * @param target filled completely
   * @throws athanor.error.AthanorException of kind RESOURCES if the disk fails or fewer bytes have
   *     been written
   */
  public void read(long position, MemorySegment target) {
    try {
      readFully(position, target.asByteBuffer());
    } catch (IOException e) {
      throw failed("reading back failed", e);
    }
  }

  private void readFully(long position, ByteBuffer target) throws IOException {
    long at = position;
    while (target.hasRemaining()) {
      int count = channel.read(target, at);
      if (count < 0) {
        throw new IOException("unexpected end at byte " + at);
      }
      at += count;
    }
  }

  /**
   * Copies bytes of a file without moving them through this process where the system can.
   *
   * @throws athanor.error.AthanorException of kind RESOURCES if the disk is full or fails, of kind
   *     BAD_FILE if the source ends early
   */
  public void copy(FileRange source, long position) {
    if (hash != null) {
      copyThroughMemory(source, position);
      return;
    }
    try {
      copies.copy(source, position);
    } catch (IOException e) {
      throw failed("copying from " + source.file().name() + " failed", e);
    }
  }

  /** So that the bytes pass by to be hashed. */
  private void copyThroughMemory(FileRange source, long position) {
    byte[] piece = new byte[(int) Math.min(COPY_PIECE, source.length())];
    for (long done = 0; done < source.length(); done += piece.length) {
      int length = (int) Math.min(piece.length, source.length() - done);
      source.file().read(source.position() + done, MemorySegment.ofArray(piece).asSlice(0, length));
      write(position + done, ByteBuffer.wrap(piece, 0, length));
    }
  }

  /**
   * Asks the system to put what was written so far on the disk, so that less is left for the end.
   *
   * @throws athanor.error.AthanorException of kind RESOURCES if the disk fails
   */
  public void flush() {
    try {
      channel.force(false);
    } catch (IOException e) {
      throw failed("writing to the disk failed", e);
    }
  }

  /**
   * Makes the content durable and ends writing; the file can then be examined at {@link
   * #temporaryPath} before it is published.
   *
   * @param size what the file's size must be
   * @throws athanor.error.AthanorException of kind RESOURCES if the disk fails, of kind
   *     VERIFICATION if the size is another
   */
  public synchronized void seal(long size) {
    if (state == State.DISCARDED) {
      throw cancelled(null);
    }
    try {
      long actual = channel.size();
      if (actual != size) {
        throw Problem.of(Kind.VERIFICATION, "the written file has the wrong size")
            .at(target.path().toString())
            .found(actual)
            .expected(size)
            .toException();
      }
      if (hash != null) {
        sha256 = hash.finish(size);
      }
      channel.force(true);
      copies.close();
      channel.close();
      state = State.SEALED;
    } catch (IOException e) {
      throw failed("writing to the disk failed", e);
    }
  }

  /**
   * Opens the sealed file as any program would, to examine it before it is published.
   *
   * @param reader opens a path; what it says of a bad file is reported as a failed verification
   * @throws athanor.error.AthanorException of kind VERIFICATION if the file cannot be read back
   */
  public <T> T readBack(Function<Path, T> reader) {
    try {
      return reader.apply(temporary);
    } catch (AthanorException e) {
      if (e.problem().kind() != Kind.BAD_FILE) {
        throw e;
      }
      throw Problem.of(
              Kind.VERIFICATION,
              "the written file cannot be read back: " + e.problem().what() + "; it was discarded")
          .at(target.path().toString())
          .help("check the disk; if it is sound, please report this")
          .toException(e);
    }
  }

  /**
   * Gives the sealed file its name, replacing an older file only if that was asked for; a target
   * that is not kept is removed instead.
   *
   * @throws athanor.error.AthanorException of kind USAGE if the target has appeared meanwhile and
   *     may not be replaced, of kind RESOURCES if renaming fails; what the target's examination
   *     throws
   */
  public void publish() {
    // Without the lock, so that a run can be stopped meanwhile.
    target.examination().accept(temporary);
    if (target.isKept()) {
      rename();
    } else {
      close();
    }
  }

  private synchronized void rename() {
    if (state == State.DISCARDED) {
      throw cancelled(null);
    }
    if (state != State.SEALED) {
      throw new IllegalStateException("publish before seal");
    }
    try {
      requireOwn();
      if (target.mayReplace()) {
        keepMode();
        Files.move(temporary, target.real(), StandardCopyOption.ATOMIC_MOVE);
      } else {
        moveWithoutReplacing();
      }
      state = State.PUBLISHED;
      UnpublishedOutputs.remove(this);
      syncFolder();
    } catch (FileAlreadyExistsException e) {
      throw Problem.usage("the output was created by someone else meanwhile")
          .at(target.path().toString())
          .help("choose another name, or add --overwrite to replace it")
          .toException(e);
    } catch (IOException e) {
      throw failed("renaming the finished file failed", e);
    }
  }

  /** Seals and publishes in one go, for outputs that need no examination between. */
  public void finish(long size) {
    seal(size);
    publish();
  }

  private void moveWithoutReplacing() throws IOException {
    try {
      Files.createLink(target.real(), temporary);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException | UnsupportedOperationException e) {
      // No hard links here (FAT, some network drives): a plain move checks before it acts.
      Files.move(temporary, target.real());
      return;
    }
    deleteTemporary();
  }

  private void keepMode() {
    try {
      FileMode.of(target.real()).applyTo(temporary);
    } catch (IOException e) {
      // It was created with no more rights than these; a finished result is better than none.
      warn("could not keep the mode of " + target.real());
    }
  }

  /** What is published is what was written, also in a folder where others may rename files. */
  private void requireOwn() throws IOException {
    if (!TemporaryFiles.isStill(temporary, identity)) {
      throw Problem.of(Kind.VERIFICATION, "the unfinished output was exchanged by someone else")
          .at(target.path().toString())
          .found("another file as " + temporary.getFileName())
          .help("write into a folder of your own")
          .toException();
    }
  }

  private void syncFolder() {
    Path folder = Objects.requireNonNull(target.real().getParent());
    try (FileChannel handle = FileChannel.open(folder, StandardOpenOption.READ)) {
      handle.force(true);
    } catch (IOException e) {
      // Some systems cannot open a folder; the rename itself has succeeded.
    }
  }

  /** Removes the temporary file unless it was published. */
  @Override
  public synchronized void close() {
    if (state == State.PUBLISHED || state == State.DISCARDED) {
      return;
    }
    state = State.DISCARDED;
    UnpublishedOutputs.remove(this);
    copies.close();
    try {
      channel.close();
    } catch (IOException e) {
      // The file is about to be removed anyway.
    }
    deleteTemporary();
  }

  private void deleteTemporary() {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      warn("could not remove " + temporary);
    }
  }

  private static void warn(String message) {
    System.getLogger(OutputFile.class.getName()).log(System.Logger.Level.WARNING, message);
  }

  private AthanorException failed(String what, IOException e) {
    boolean stopped = state == State.DISCARDED || e instanceof ClosedByInterruptException;
    return stopped ? cancelled(e) : failure(what, target.path(), e);
  }

  private static AthanorException cancelled(@Nullable IOException e) {
    Problem problem = Problem.of(Kind.CANCELLED, "cancelled; nothing was written");
    return e == null ? problem.toException() : problem.toException(e);
  }

  private static AthanorException failure(String what, Path path, IOException e) {
    String reason = InputFile.reason(e);
    String lower = reason.toLowerCase(Locale.ROOT);
    Problem problem = Problem.of(Kind.RESOURCES, what + " (" + reason + ")").at(path.toString());
    if (lower.contains("no space") || lower.contains("quota")) {
      problem = problem.help("free some space, or write to another disk; nothing was left behind");
    } else if (lower.contains("too large")) {
      problem = problem.help("this disk's format cannot hold files of that size (FAT32: 4 GB)");
    } else if (lower.contains("name too long")) {
      problem = problem.help("choose a shorter output name");
    }
    return problem.toException(e);
  }
}
