package athanor.net;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.progress.Cancellation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An unfinished download, {@code NAME.athanor-part}, with its state in {@code
 * NAME.athanor-part.json}. Locked while it is open, so that two runs never write into the same one.
 */
final class PartFile implements AutoCloseable {
  private static final String SUFFIX = ".athanor-part";
  private static final int LONGEST_STATE = 16 << 20;

  private final Path target;
  private final Path path;
  private final FileChannel channel;
  private boolean gone;

  private PartFile(Path target, Path path, FileChannel channel) {
    this.target = target;
    this.path = path;
    this.channel = channel;
  }

  /** Opens or creates the part of a target; waits while another run has it. */
  static PartFile open(Path target, Consumer<String> notices, Cancellation cancellation) {
    Path path = beside(target, SUFFIX);
    try {
      FileChannel channel =
          ExclusiveFile.open(
              path,
              () ->
                  notices.accept(
                      "another run is downloading " + target.getFileName() + "; waiting for it"),
              cancellation);
      return new PartFile(target, path, channel);
    } catch (IOException e) {
      throw failed("the download cannot be stored here", path, e);
    }
  }

  private static Path beside(Path target, String suffix) {
    return target.resolveSibling(target.getFileName() + suffix);
  }

  Path path() {
    return path;
  }

  FileChannel channel() {
    return channel;
  }

  /** The state of an earlier run, if it is sound. */
  Optional<PartState> state() {
    try {
      return PartState.parse(OwnFile.read(statePath(), LONGEST_STATE), channel.size());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Path statePath() {
    return beside(target, SUFFIX + ".json");
  }

  /** Makes durable what has arrived, then says so. */
  void checkpoint(PartState state) throws IOException {
    channel.force(false);
    OwnFile.replace(statePath(), freshStatePath(), state.toBytes());
  }

  private Path freshStatePath() {
    return beside(target, SUFFIX + ".json.new");
  }

  private void deleteState() throws IOException {
    Files.deleteIfExists(freshStatePath());
    Files.deleteIfExists(statePath());
  }

  /** Forgets all bytes. */
  void startOver() {
    try {
      deleteState();
      channel.truncate(0);
    } catch (IOException e) {
      throw failed("the download cannot be stored here", path, e);
    }
  }

  /** Forgets what is behind the end: bytes that an earlier run wrote of something else. */
  void endAt(long size) {
    try {
      if (channel.size() > size) {
        channel.truncate(size);
      }
    } catch (IOException e) {
      throw failed("the download cannot be stored here", path, e);
    }
  }

  void write(ByteBuffer bytes, long position) {
    try {
      long at = position;
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
    } catch (IOException e) {
      throw failed("the download cannot be written", path, e);
    }
  }

  /** Makes the content durable and gives it its name; nothing that exists is replaced. */
  void publish() {
    try {
      channel.force(true);
      try {
        Files.createLink(target, path);
        discard();
      } catch (FileAlreadyExistsException e) {
        throw e;
      } catch (IOException | UnsupportedOperationException e) {
        // No hard links here (FAT, some network drives): a plain move checks before it acts.
        channel.close();
        Files.move(path, target);
        gone = true;
        deleteState();
      }
    } catch (FileAlreadyExistsException e) {
      throw Problem.usage("a file of this name was created meanwhile; it was not replaced")
          .at(target.toString())
          .toException(e);
    } catch (IOException e) {
      throw failed("renaming the finished download failed", target, e);
    }
  }

  /** Removes the part and its state. */
  void discard() {
    if (gone) {
      return; // The name may belong to another run by now.
    }
    gone = true;
    try {
      deleteState();
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw failed("the unfinished download cannot be removed", path, e);
    }
  }

  /** Closes and unlocks the part; it stays for a later run unless it was published or discarded. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // Durable bytes were forced before.
    }
  }

  /** The bytes cannot be read again. */
  RuntimeException unreadable(Throwable failure) {
    return failed("the download cannot be read back", path, failure);
  }

  private static RuntimeException failed(String what, Path path, Throwable failure) {
    String reason = String.valueOf(failure.getMessage()).replace(path + ": ", "");
    Problem problem = Problem.of(Kind.RESOURCES, what + " (" + reason + ")").at(path.toString());
    return (failure instanceof OwnFile.Foreign
            ? problem.help("look what it is and remove it, then run again")
            : problem.help(
                "free some space or choose another folder; running again goes on where it stopped"))
        .toException(failure);
  }
}
