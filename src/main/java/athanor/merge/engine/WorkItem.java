package athanor.merge.engine;

import athanor.file.FileRange;
import athanor.merge.plan.TensorPlan;
import athanor.tensor.StateDictLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A piece of a merge that one worker does on its own. */
sealed interface WorkItem {
  /** Bytes that it adds to the output. */
  long bytes();

  /** Tensors that it completes. */
  int tensors();

  /** Untouched bytes of consecutive tensors, copied within the system. */
  record Copy(FileRange source, long position, int tensors) implements WorkItem {
    @Override
    public long bytes() {
      return source.length();
    }
  }

  /** One tensor that is computed, converted, or not stored in one piece. */
  record Compute(TensorPlan plan, int index, long position) implements WorkItem {
    @Override
    public long bytes() {
      return plan.output().byteSize();
    }

    @Override
    public int tensors() {
      return 1;
    }
  }

  /** A copy is cut into pieces of this size, so that all workers share a long run. */
  long COPY_PIECE_BYTES = 64L << 20;

  /** All work of a plan, in the order of the output file. */
  static List<WorkItem> of(List<TensorPlan> plans, StateDictLayout layout) {
    List<WorkItem> items = new ArrayList<>();
    CopyRun run = new CopyRun(items);
    for (int index = 0; index < plans.size(); index++) {
      TensorPlan plan = plans.get(index);
      long position = layout.position(index);
      Optional<FileRange> range =
          plan.isUntouched() && !layout.needsChecksums() ? plan.source().range() : Optional.empty();
      if (range.isPresent()) {
        run.add(range.get(), position);
      } else {
        run.flush();
        items.add(new Compute(plan, index, position));
      }
    }
    run.flush();
    return items;
  }

  /** Joins neighbouring untouched tensors that are neighbours in the output too. */
  final class CopyRun {
    private final List<WorkItem> items;
    private Optional<FileRange> source = Optional.empty();
    private long position;
    private int tensors;

    private CopyRun(List<WorkItem> items) {
      this.items = items;
    }

    private void add(FileRange next, long nextPosition) {
      if (source.isPresent() && continues(source.get(), next, nextPosition)) {
        FileRange last = source.get();
        source =
            Optional.of(new FileRange(last.file(), last.position(), last.length() + next.length()));
        tensors++;
        return;
      }
      flush();
      source = Optional.of(next);
      position = nextPosition;
      tensors = 1;
    }

    private boolean continues(FileRange last, FileRange next, long nextPosition) {
      return last.file() == next.file()
          && last.position() + last.length() == next.position()
          && position + last.length() == nextPosition;
    }

    private void flush() {
      if (source.isEmpty()) {
        return;
      }
      FileRange whole = source.get();
      long done = 0;
      do {
        long length = Math.min(COPY_PIECE_BYTES, whole.length() - done);
        boolean last = done + length == whole.length();
        FileRange piece = new FileRange(whole.file(), whole.position() + done, length);
        items.add(new Copy(piece, position + done, last ? tensors : 0));
        done += length;
      } while (done < whole.length());
      source = Optional.empty();
    }
  }
}
