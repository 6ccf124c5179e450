package athanor.merge.engine;

import athanor.error.AthanorException;
import athanor.file.OutputFile;
import athanor.kernel.Kernels;
import athanor.merge.plan.Precision;
import athanor.merge.plan.TensorPlan;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.tensor.StateDictLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the tensors of a merge in one pass over the inputs. Workers take tensors in file order;
 * each computes whole tensors on its own, so the bytes are the same for any number of workers.
 * Untouched tensors are copied within the system. Reusable, one run at a time.
 */
public final class MergeEngine {
  private final Kernels kernels;
  private final int threads;
  private final Progress progress;
  private final Cancellation cancellation;

  /**
   * An engine.
   *
   * @param kernels the arithmetic
   * @param threads number of workers, at least 1
   * @param progress told of every finished piece
   * @param cancellation looked at before every block
   */
  public MergeEngine(Kernels kernels, int threads, Progress progress, Cancellation cancellation) {
    this.kernels = kernels;
    this.threads = threads;
    this.progress = progress;
    this.cancellation = cancellation;
  }

  /**
   * What a run noticed.
   *
   * @param newlyNonFinite tensors in which the merge created NaN or infinite values, with how many
   * @param saturated tensors in which fp8 values were cut off at the largest finite one
   * @param differing by contribution that was combined with others, in how many tensors it has
   *     other values than they
   */
  public record Findings(
      Map<String, Long> newlyNonFinite, List<String> saturated, Map<Integer, Integer> differing) {}

  /**
   * Writes all tensors and the frame of the layout.
   *
   * @param activity a short phrase for the progress, such as {@code merging}
   * @param plans what happens to each tensor, in the order of the layout; tensors of the inputs may
   *     be left out
   * @param precision the precision of the arithmetic
   * @param layout where each tensor goes
   * @param output receives the bytes; neither sealed nor published here
   * @throws AthanorException whatever a worker met first, or of kind CANCELLED
   */
  public Findings run(
      String activity,
      List<TensorPlan> plans,
      Precision precision,
      StateDictLayout layout,
      OutputFile output) {
    List<WorkItem> items = WorkItem.of(plans, layout);
    Ledger ledger = new Ledger(plans);
    progress.begin(activity, items.stream().mapToLong(WorkItem::bytes).sum(), plans.size());
    var writeBehind = new WriteBehind(output);
    try (writeBehind) {
      if (!layout.needsChecksums()) {
        layout.writeFrame(output, new int[0]);
      }
      new Workers(threads, cancellation)
          .forEach(
              items.size(),
              BlockBuffers::new,
              buffers -> {
                var merger = new TensorMerger(output, kernels, precision, cancellation, buffers);
                return index -> {
                  WorkItem item = items.get(index);
                  write(item, merger, output, ledger);
                  writeBehind.written(item.bytes());
                  progress.advance(item.bytes(), item.tensors());
                };
              });
    } finally {
      progress.end();
    }
    writeBehind.requireHealthy();
    if (layout.needsChecksums()) {
      layout.writeFrame(output, ledger.crc32);
    }
    return ledger.findings();
  }

  private static void write(WorkItem item, TensorMerger merger, OutputFile output, Ledger ledger) {
    switch (item) {
      case WorkItem.Copy copy -> output.copy(copy.source(), copy.position());
      case WorkItem.Compute compute -> ledger.record(compute, merger.write(compute));
    }
  }

  /** Collects what the workers found; each tensor is recorded once. */
  private static final class Ledger {
    private final List<TensorPlan> plans;
    private final int[] crc32;
    private final long[] newlyNonFinite;
    private final boolean[] saturated;
    private final BitSet[] differing;

    Ledger(List<TensorPlan> plans) {
      this.plans = plans;
      this.crc32 = new int[plans.size()];
      this.newlyNonFinite = new long[plans.size()];
      this.saturated = new boolean[plans.size()];
      this.differing = new BitSet[plans.size()];
    }

    void record(WorkItem.Compute item, TensorMerger.Outcome outcome) {
      crc32[item.index()] = outcome.crc32();
      newlyNonFinite[item.index()] = outcome.newlyNonFinite();
      saturated[item.index()] = outcome.saturated() > 0;
      differing[item.index()] = outcome.differing();
    }

    Findings findings() {
      Map<String, Long> nonFinite = new TreeMap<>();
      List<String> cut = new ArrayList<>();
      Map<Integer, Integer> others = new TreeMap<>();
      for (int i = 0; i < plans.size(); i++) {
        String key = plans.get(i).output().key();
        if (newlyNonFinite[i] > 0) {
          nonFinite.put(key, newlyNonFinite[i]);
        }
        if (saturated[i]) {
          cut.add(key);
        }
        if (differing[i] != null) {
          differing[i].stream().forEach(part -> others.merge(part, 1, Integer::sum));
        }
      }
      return new Findings(nonFinite, cut, others);
    }
  }
}
