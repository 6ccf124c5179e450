package athanor.net;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Fetches one file so that it arrives complete and verified, or not at all. An interrupted download
 * keeps its bytes in {@code NAME.athanor-part} and goes on in a later run; a failed verification
 * leaves nothing.
 */
public final class Download {
  private static final long SPARE_BYTES = 64L << 20;
  private static final int MOST_STARTS = 3;

  private final Http http;
  private final BodySource source;
  private final Wanted wanted;
  private final FinalCheck check;
  private final Progress progress;
  private final Cancellation cancellation;

  /**
   * What is to be fetched.
   *
   * @param identity the same text for the same bytes: address and revision, without secrets
   * @param name what to call it in messages
   * @param size exact size if it is listed
   * @param sha256 lower-case hex if it is listed
   * @param target where it goes; its folder exists
   */
  public record Wanted(
      String identity, String name, OptionalLong size, Optional<String> sha256, Path target) {}

  /**
   * A file that has arrived.
   *
   * @param path where it is
   * @param size in bytes
   * @param sha256 lower-case hex, computed from the bytes
   * @param transferred bytes that came over the network in this run
   */
  public record Arrived(Path path, long size, String sha256, long transferred) {}

  /** Looks at a complete file before it gets its name. */
  @FunctionalInterface
  public interface FinalCheck {
    /** A check that accepts everything. */
    FinalCheck NONE = (file, name) -> {};

    /**
     * Returns if the file is sound.
     *
     * @param file where it is for the moment
     * @param name what to call it in messages
     * @throws athanor.error.AthanorException if it is not; the file is then removed
     */
    void check(Path file, String name);
  }

  private Download(
      Http http,
      BodySource source,
      Wanted wanted,
      FinalCheck check,
      Progress progress,
      Cancellation cancellation) {
    this.http = http;
    this.source = source;
    this.wanted = wanted;
    this.check = check;
    this.progress = progress;
    this.cancellation = cancellation;
  }

  /**
   * Runs the download in this thread and a few of its own; returns when the file has its name.
   *
   * @throws athanor.error.AthanorException of kind NETWORK if the server refuses, stays away or
   *     sends something else; of kind RESOURCES if the disk is too small or fails; of kind USAGE if
   *     the target exists with other content; of kind CANCELLED; and whatever {@code check} throws
   */
  public static Arrived run(
      Http http,
      BodySource source,
      Wanted wanted,
      FinalCheck check,
      Progress progress,
      Cancellation cancellation) {
    return new Download(http, source, wanted, check, progress, cancellation).run();
  }

  private Arrived run() {
    try (PartFile part = PartFile.open(wanted.target(), http.settings().notices(), cancellation)) {
      boolean keep = false;
      try {
        Optional<Arrived> there = alreadyThere();
        return there.isPresent() ? there.get() : fetch(part);
      } catch (RuntimeException e) {
        keep = part.state().isPresent();
        throw e;
      } finally {
        if (!keep) {
          part.discard();
        }
      }
    }
  }

  /** The target may have been finished by another run while this one waited. */
  private Optional<Arrived> alreadyThere() {
    if (!Files.exists(wanted.target())) {
      return Optional.empty();
    }
    try {
      String hash = FileHash.sha256(wanted.target(), Progress.NONE, cancellation);
      if (wanted.sha256().equals(Optional.of(hash))) {
        return Optional.of(new Arrived(wanted.target(), Files.size(wanted.target()), hash, 0));
      }
    } catch (IOException e) {
      // Said below: it is there and it is not this file.
    }
    throw Problem.usage("a file of this name exists; it is not replaced")
        .at(wanted.target().toString())
        .help("choose another folder, or move that file away")
        .toException();
  }

  private Arrived fetch(PartFile part) {
    var body = new LocatedBody(http, source, cancellation);
    long transferred = 0;
    boolean ranged = true;
    boolean mismatched = false;
    PartState state = restore(part);
    for (int start = 1; ; start++) {
      var transfer =
          new DownloadAttempt(http, body, wanted, part, state, ranged, progress, cancellation);
      try {
        String hash = transfer.run();
        transferred += transfer.transferred();
        if (wanted.sha256().isEmpty() || wanted.sha256().get().equals(hash)) {
          return finish(part, hash, transferred);
        }
        if (mismatched) {
          throw mismatch(part, hash);
        }
        mismatched = true;
        notice("the bytes of " + wanted.name() + " do not match their SHA-256; starting over");
      } catch (EndlessBody e) {
        part.startOver();
        throw e.problem().toException();
      } catch (StartOver e) {
        transferred += transfer.transferred();
        ranged = e.ranged();
        if (start >= MOST_STARTS) {
          part.startOver();
          throw Problem.of(Kind.NETWORK, "the server keeps changing its answer")
              .at(wanted.name())
              .found(String.valueOf(e.getMessage()))
              .help("try again later")
              .toException();
        }
        notice(wanted.name() + ": " + e.getMessage() + "; starting over");
      }
      part.startOver();
      state = fresh();
    }
  }

  private PartState restore(PartFile part) {
    Optional<PartState> state = part.state().filter(found -> found.fits(wanted));
    if (state.isEmpty()) {
      part.startOver();
    }
    return state.orElseGet(this::fresh);
  }

  private PartState fresh() {
    return new PartState(
        wanted.identity(), wanted.size().orElse(-1), wanted.sha256(), Optional.empty(), List.of());
  }

  private Arrived finish(PartFile part, String hash, long transferred) {
    try {
      check.check(part.path(), wanted.name());
      long size = part.channel().size();
      part.publish();
      return new Arrived(wanted.target(), size, hash, transferred);
    } catch (IOException e) {
      throw part.unreadable(e);
    } catch (RuntimeException e) {
      part.startOver();
      throw e;
    }
  }

  private RuntimeException mismatch(PartFile part, String hash) {
    part.startOver();
    return Problem.of(Kind.NETWORK, "the downloaded bytes are not those of the listing")
        .at(wanted.name())
        .found("SHA-256 " + hash)
        .expected("SHA-256 " + wanted.sha256().orElse(""))
        .help("the file was fetched twice and removed; try again later or another source")
        .toException();
  }

  private void notice(String sentence) {
    http.settings().notices().accept(sentence);
  }

  /** Fails if the disk has no room for {@code bytes} and a little more. */
  static void requireSpace(Path target, long bytes) {
    long free;
    try {
      free =
          Files.getFileStore(Objects.requireNonNull(target.toAbsolutePath().getParent()))
              .getUsableSpace();
    } catch (IOException e) {
      return;
    }
    if (free < bytes + SPARE_BYTES) {
      throw Problem.of(Kind.RESOURCES, "not enough free disk space for the download")
          .at(target.toString())
          .found(megabytes(free) + " free")
          .expected(megabytes(bytes + SPARE_BYTES))
          .help("free some space, or choose another folder")
          .toException();
    }
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%,d MB", bytes / 1_000_000);
  }
}
