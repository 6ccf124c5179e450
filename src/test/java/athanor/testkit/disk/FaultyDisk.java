package athanor.testkit.disk;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** The real file system, seen through paths that can fail. Safe for use by several threads. */
public final class FaultyDisk {
  /** {@link Runtime#halt} with the status of a killed process. */
  private static final int KILLED = 137;

  private final FaultyFileSystem fileSystem = new FaultyFileSystem(this);
  private final Fault fault;
  private final DiskLog log;
  private final AtomicInteger count = new AtomicInteger();
  private final List<Operation> spoilt = new ArrayList<>();

  /** A disk with this fault. */
  public FaultyDisk(Fault fault) {
    this(fault, new DiskLog());
  }

  private FaultyDisk(Fault fault, DiskLog log) {
    this.fault = fault;
    this.log = log;
  }

  /** A disk without a fault that writes down what happens to it. */
  public static FaultyDisk logging(DiskLog log) {
    return new FaultyDisk(Fault.none(Set.of()), log);
  }

  DiskLog log() {
    return log;
  }

  /** The same file, reached through this disk. */
  public Path path(Path real) {
    return new FaultyPath(fileSystem, real);
  }

  /** How many operations were counted so far. */
  public int count() {
    return count.get();
  }

  /** The operations that were spoilt, in order. */
  public synchronized List<Operation> spoilt() {
    return List.copyOf(spoilt);
  }

  /** Counts an operation on an open file; fails if it is to fail. */
  void reach(Operation operation) throws IOException {
    Optional<Fault.Effect> effect = strike(operation);
    if (effect.isPresent() && !effect.get().reason().isEmpty()) {
      throw new IOException(effect.get().reason());
    }
  }

  /** Counts an operation on a path; fails if it is to fail. */
  void reach(Operation operation, Path path) throws IOException {
    Optional<Fault.Effect> effect = strike(operation);
    if (effect.isPresent() && !effect.get().reason().isEmpty()) {
      throw new FileSystemException(path.toString(), null, effect.get().reason());
    }
  }

  /** Counts an operation on bytes; returns how many of them to process, or fails. */
  long reach(Operation operation, long bytes) throws IOException {
    Optional<Fault.Effect> effect = strike(operation);
    if (effect.isEmpty()) {
      return bytes;
    }
    if (effect.get() == Fault.Effect.HALF) {
      return bytes <= 1 ? bytes : bytes / 2;
    }
    throw new IOException(effect.get().reason());
  }

  private Optional<Fault.Effect> strike(Operation operation) {
    if (!fault.operations().contains(operation)) {
      return Optional.empty();
    }
    int number = count.incrementAndGet();
    if (number < fault.from() || (number > fault.from() && !fault.lasting())) {
      return Optional.empty();
    }
    if (fault.effect() == Fault.Effect.KILL) {
      Runtime.getRuntime().halt(KILLED);
    }
    synchronized (this) {
      spoilt.add(operation);
    }
    return Optional.of(fault.effect());
  }
}
