package athanor.merge.lora.writing;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.file.OutputFile;
import athanor.format.ModelHash;
import athanor.safetensors.SafetensorsLayout;
import athanor.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Hashes a file on a thread of its own while others write it: it follows them in the order of the
 * file and reads back what they have written, from the system's cache. Closing it ends the thread.
 */
final class HashWhileWriting implements AutoCloseable {
  private final SafetensorsLayout layout;
  private final OutputFile output;
  private final Map<String, Integer> indexes;
  private final boolean[] written;
  private boolean abandoned;
  private final CompletableFuture<ModelHash> hash = new CompletableFuture<>();
  private @Nullable Thread thread;

  HashWhileWriting(SafetensorsLayout layout, OutputFile output) {
    this.layout = layout;
    this.output = output;
    this.written = new boolean[layout.tensors().size()];
    this.indexes = HashMap.newHashMap(written.length);
    for (int i = 0; i < written.length; i++) {
      indexes.put(layout.tensors().get(i).key(), i);
    }
  }

  /** Begins to follow the writers of a file with this metadata. */
  void start(Map<String, String> metadata) {
    thread =
        Thread.ofPlatform()
            .name("lora-hash")
            .start(() -> {
              try {
                hash.complete(ModelHash.of(layout.tensors(), metadata, this::read));
              } catch (Throwable e) {
                hash.completeExceptionally(e);
              }
            });
  }

  /** Says that all values of a tensor of the layout have been written. */
  synchronized void wrote(int index) {
    written[index] = true;
    notifyAll();
  }

  /** The hashes, once everything has been written. */
  ModelHash result() {
    try {
      return hash.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private void read(TensorInfo tensor, long offset, MemorySegment target) {
    int index = indexes.getOrDefault(tensor.key(), -1);
    await(index);
    output.read(layout.position(index) + offset, target);
  }

  private synchronized void await(int index) {
    while (!written[index]) {
      if (abandoned) {
        throw Problem.of(Kind.CANCELLED, "cancelled; nothing was written").toException();
      }
      try {
        wait();
      } catch (InterruptedException e) {
        abandoned = true;
      }
    }
  }

  /** Ends the thread if it still waits; returns when it no longer uses the file. */
  @Override
  public void close() {
    synchronized (this) {
      abandoned = true;
      notifyAll();
    }
    boolean interrupted = false;
    while (thread != null && thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
