package athanor.merge.lora;

import athanor.merge.engine.Workers;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Computes one result for each module of a LoRA on several threads. Each is computed whole by one
 * thread, so results do not depend on their number.
 *
 * @param threads number of workers, at least 1
 * @param progress told of every finished module
 * @param cancellation looked at before every module
 */
public record ModulePool(int threads, Progress progress, Cancellation cancellation) {

  /**
   * The results in the order of the items.
   *
   * @param activity a short phrase for the progress, such as {@code resizing}
   * @param items what is computed, one after the other
   * @param bytes what an item counts for in the progress
   * @param work the computation; called from several threads
   * @throws athanor.error.AthanorException whatever a computation met first, or of kind CANCELLED
   */
  public <T, R> List<R> map(
      String activity, List<T> items, ToLongFunction<T> bytes, Function<T, R> work) {
    Object[] results = new Object[items.size()];
    progress.begin(activity, items.stream().mapToLong(bytes).sum(), items.size());
    try {
      new Workers(threads, cancellation)
          .forEach(
              items.size(),
              index -> {
                T item = items.get(index);
                results[index] = work.apply(item);
                progress.advance(bytes.applyAsLong(item), 1);
              });
    } finally {
      progress.end();
    }
    @SuppressWarnings("unchecked")
    List<R> typed = (List<R>) Arrays.asList(results);
    return typed;
  }
}
