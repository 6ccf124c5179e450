package athanor.file;

import athanor.error.Kind;
import athanor.error.Problem;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Where an output is to go, checked before any work: it may exist only if it may be replaced, it is
 * never one of the inputs (also not through a link), its folder exists and is writable, and the
 * disk has room.
 */
public final class OutputTarget {
  private static final long SPARE_BYTES = 64L << 20;

  private final Path asked;
  private final Path real;
  private final boolean replace;
  private final boolean hashed;
  private final boolean kept;
  private final Consumer<Path> examination;

  private OutputTarget(
      Path asked,
      Path real,
      boolean replace,
      boolean hashed,
      boolean kept,
      Consumer<Path> examination) {
    this.asked = asked;
    this.real = real;
    this.replace = replace;
    this.hashed = hashed;
    this.kept = kept;
    this.examination = examination;
  }

  /**
   * Checks an output path. A symbolic link is followed: its target is what gets replaced.
   *
   * @param path where the output goes
   * @param replace whether an existing file may be replaced
   * @throws athanor.error.AthanorException of kind USAGE if the path exists and may not be
   *     replaced, is a folder, or its folder is missing or not writable
   */
  public static OutputTarget of(Path path, boolean replace) {
    if (Files.isDirectory(path)) {
      throw folder(path).toException();
    }
    boolean exists = Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    if (exists && !replace) {
      throw Problem.usage("the output already exists")
          .at(path.toString())
          .help("choose another name, or add --overwrite to replace it")
          .toException();
    }
    if (exists && Files.exists(path) && !Files.isRegularFile(path)) {
      throw Problem.usage("the output is not a regular file (a pipe or a device)")
          .at(path.toString())
          .toException();
    }
    Path real = resolve(path);
    Path folder = Objects.requireNonNull(real.getParent());
    if (!Files.isDirectory(folder)) {
      throw Problem.usage("the folder of the output does not exist")
          .at(path.toString())
          .help("create it: mkdir -p '" + folder + "'")
          .toException();
    }
    if (!Files.isWritable(folder)) {
      throw Problem.usage("no permission to write into the folder of the output")
          .at(folder.toString())
          .help("choose another folder")
          .toException();
    }
    refuseImpossibleName(path, real);
    return new OutputTarget(path, real, replace, false, true, file -> {});
  }

  /** That a folder was given where a file is to be written. */
  public static Problem folder(Path path) {
    return Problem.usage("the output is a folder")
        .at(path.toString())
        .help("give a file name, for example " + path.resolve("merged.safetensors"));
  }

  /** The same output, of which the SHA-256 is to be computed while it is written. */
  public OutputTarget hashed() {
    return new OutputTarget(asked, real, replace, true, kept, examination);
  }

  /**
   * The same output, examined once more when it is complete. What {@code examination} throws keeps
   * it from being published.
   *
   * @param examination gets the path of the complete file, which has not its name yet
   */
  public OutputTarget examined(Consumer<Path> examination) {
    return new OutputTarget(asked, real, replace, hashed, kept, examination);
  }

  /** The same output, removed instead of published: for a result that is only to be examined. */
  public OutputTarget discarded() {
    return new OutputTarget(asked, real, replace, hashed, false, examination);
  }

  /** Asks for the file now, so that a name the system refuses does not fail after the work. */
  private static void refuseImpossibleName(Path path, Path real) {
    if (InputFile.isReplaced(path) && !Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      throw Problem.usage("the output name holds bytes that are not UTF-8")
          .at(path.toString())
          .help("choose another name; it would not be the one that was asked for")
          .toException();
    }
    try {
      Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      // The usual case: it does not exist yet.
    } catch (IOException e) {
      throw Problem.usage("the output cannot have this name (" + InputFile.reason(e) + ")")
          .at(path.toString())
          .help("choose a shorter name of plain characters")
          .toException(e);
    }
  }

  private static Path resolve(Path path) {
    Path absolute = path.toAbsolutePath();
    try {
      for (int hops = 0; hops < 40 && Files.isSymbolicLink(absolute); hops++) {
        absolute = absolute.resolveSibling(Files.readSymbolicLink(absolute));
      }
      if (Files.isSymbolicLink(absolute)) {
        throw Problem.usage("the output is a link that leads in a circle")
            .at(path.toString())
            .help("remove the link, or choose another name")
            .toException();
      }
      Path folder = Objects.requireNonNull(absolute.getParent());
      Path name = Objects.requireNonNull(absolute.getFileName());
      return Files.isDirectory(folder) ? folder.toRealPath().resolve(name) : absolute.normalize();
    } catch (IOException e) {
      throw Problem.usage("the output path cannot be resolved (" + InputFile.reason(e) + ")")
          .at(path.toString())
          .toException(e);
    }
  }

  /**
   * Returns if this output is none of {@code inputs}, also not through symbolic or hard links.
   *
   * @throws athanor.error.AthanorException of kind USAGE if it is one
   */
  public OutputTarget refuseInputs(Collection<InputFile> inputs) {
    for (InputFile input : inputs) {
      try {
        if (input.isHere() && Files.exists(real) && Files.isSameFile(real, input.path())) {
          throw Problem.usage("the output is one of the inputs; an input is never overwritten")
              .at(asked.toString())
              .found("the same file as " + input.path())
              .help("choose another output name")
              .toException();
        }
      } catch (IOException e) {
        throw Problem.usage("the output cannot be compared with the inputs")
            .at(asked.toString())
            .toException(e);
      }
    }
    return this;
  }

  /**
   * Returns if the disk seems to have room for {@code bytes} and a little more.
   *
   * @throws athanor.error.AthanorException of kind RESOURCES with both numbers if it has not
   */
  public OutputTarget requireSpace(long bytes) {
    long free = freeSpace();
    long wanted = bytes + bytes / 100 + SPARE_BYTES;
    if (free < wanted) {
      throw Problem.of(Kind.RESOURCES, "not enough free disk space for the output")
          .at(asked.toString())
          .found(megabytes(free) + " free")
          .expected(megabytes(wanted))
          .help("free some space, or write to another disk")
          .toException();
    }
    return this;
  }

  /** Usable bytes on the disk of the output; {@code Long.MAX_VALUE} where the system cannot say. */
  public long freeSpace() {
    try {
      return Files.getFileStore(Objects.requireNonNull(real.getParent())).getUsableSpace();
    } catch (IOException e) {
      return Long.MAX_VALUE;
    }
  }

  /** Creates the temporary file beside the target; see {@link OutputFile}. */
  public OutputFile open() {
    return OutputFile.create(this);
  }

  /**
   * Writes a text as the whole file, durable when this returns.
   *
   * @throws athanor.error.AthanorException as {@link OutputFile}
   */
  public void write(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (OutputFile file = open()) {
      file.write(0, MemorySegment.ofArray(bytes));
      file.seal(bytes.length);
      file.publish();
    }
  }

  /** The path as the user gave it. */
  public Path path() {
    return asked;
  }

  /** The absolute path that will be created or replaced, links followed. */
  Path real() {
    return real;
  }

  boolean mayReplace() {
    return replace;
  }

  boolean isKept() {
    return kept;
  }

  Consumer<Path> examination() {
    return examination;
  }

  boolean isHashed() {
    return hashed;
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%,d MB", bytes / 1_000_000);
  }
}
