package athanor.job.inspect;

import athanor.kernel.ValueScan;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.torchfile.TorchZipFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What reading every weight of a file brought to light.
 *
 * @param nonFinite tensors with NaN or infinite values, in file order
 * @param zero large tensors of nothing but zeros, in file order: a download may have left a hole
 * @param smallZero number of small tensors of nothing but zeros, which are common
 * @param damagedStorages entries of a PyTorch archive whose checksum is not the stated one
 * @param bytes how much was read
 */
public record WeightScan(
    List<NonFinite> nonFinite,
    List<TensorInfo> zero,
    int smallZero,
    List<String> damagedStorages,
    long bytes) {
  private static final long LARGE_BYTES = 64 << 10;
  private static final int BLOCK_BYTES = 1 << 20;

  /**
   * A tensor with values that are no numbers.
   *
   * @param tensor which one
   * @param nan how many values are NaN
   * @param infinite how many are infinite
   */
  public record NonFinite(TensorInfo tensor, long nan, long infinite) {}

  /** Copies the lists. */
  public WeightScan {
    nonFinite = List.copyOf(nonFinite);
    zero = List.copyOf(zero);
    damagedStorages = List.copyOf(damagedStorages);
  }

  /** Whether every value is a number and every checksum right. */
  public boolean isSound() {
    return nonFinite.isEmpty() && damagedStorages.isEmpty();
  }

  /**
   * Reads a whole file.
   *
   * @param threads number of workers, at least 1
   * @throws athanor.error.AthanorException of kind BAD_FILE if the file cannot be read or changes;
   *     of kind CANCELLED
   */
  public static WeightScan of(
      StateDict file, int threads, Progress progress, Cancellation cancellation) {
    List<TensorInfo> tensors = file.tensors();
    long bytes = tensors.stream().mapToLong(TensorInfo::byteSize).sum();
    ValueScan.Tally[] tallies = new ValueScan.Tally[tensors.size()];
    progress.begin("scanning " + file.name(), bytes, tensors.size());
    try {
      new Reading(file, progress, cancellation, tallies).run(Math.min(threads, tensors.size()));
    } finally {
      progress.end();
    }
    List<String> damaged =
        file instanceof TorchZipFile torch ? torch.damagedStorages(cancellation) : List.of();
    file.files().forEach(one -> one.verifyUnchanged());
    return collect(tensors, tallies, damaged, bytes);
  }

  private static WeightScan collect(
      List<TensorInfo> tensors, ValueScan.Tally[] tallies, List<String> damaged, long bytes) {
    List<NonFinite> nonFinite = new ArrayList<>();
    List<TensorInfo> zero = new ArrayList<>();
    int smallZero = 0;
    for (int i = 0; i < tallies.length; i++) {
      TensorInfo tensor = tensors.get(i);
      if (tallies[i].nan() + tallies[i].infinite() > 0) {
        nonFinite.add(new NonFinite(tensor, tallies[i].nan(), tallies[i].infinite()));
      } else if (tallies[i].zero() && tensor.byteSize() >= LARGE_BYTES) {
        zero.add(tensor);
      } else if (tallies[i].zero() && tensor.byteSize() > 0) {
        smallZero++;
      }
    }
    return new WeightScan(nonFinite, zero, smallZero, damaged, bytes);
  }

  /** Workers take whole tensors in file order. */
  private static final class Reading {
    private final StateDict file;
    private final Progress progress;
    private final Cancellation cancellation;
    private final ValueScan.Tally[] tallies;

    Reading(
        StateDict file, Progress progress, Cancellation cancellation, ValueScan.Tally[] tallies) {
      this.file = file;
      this.progress = progress;
      this.cancellation = cancellation;
      this.tallies = tallies;
    }

    void run(int threads) {
      AtomicInteger next = new AtomicInteger();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      List<Thread> workers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        workers.add(
            Thread.ofPlatform()
                .name("scan-" + i)
                .start(() -> {
                  try (Arena arena = Arena.ofConfined()) {
                    work(next, failure, arena.allocate(BLOCK_BYTES, 64));
                  } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                  }
                }));
      }
      join(workers);
      switch (failure.get()) {
        case null -> {}
        case Error error -> throw error;
        case RuntimeException exception -> throw exception;
        case Throwable other -> throw new IllegalStateException(other);
      }
    }

    private void work(AtomicInteger next, AtomicReference<Throwable> failure, MemorySegment block) {
      int index = next.getAndIncrement();
      while (index < tallies.length && failure.get() == null) {
        tallies[index] = scan(file.tensors().get(index), block);
        progress.advance(0, 1);
        index = next.getAndIncrement();
      }
    }

    private ValueScan.Tally scan(TensorInfo tensor, MemorySegment block) {
      ValueScan.Tally tally = ValueScan.Tally.EMPTY;
      for (long at = 0; at < tensor.byteSize(); at += BLOCK_BYTES) {
        cancellation.check();
        MemorySegment part = block.asSlice(0, Math.min(BLOCK_BYTES, tensor.byteSize() - at));
        file.read(tensor, at, part);
        tally = tally.plus(ValueScan.of(tensor.dtype(), part));
        progress.advance(part.byteSize(), 0);
      }
      return tally;
    }

    /** Waits for all workers even when this thread is interrupted: they hold the file. */
    private void join(List<Thread> workers) {
      boolean interrupted = false;
      for (Thread worker : workers) {
        while (worker.isAlive()) {
          try {
            worker.join();
          } catch (InterruptedException e) {
            interrupted = true;
            cancellation.request();
          }
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
