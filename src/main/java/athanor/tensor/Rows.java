package athanor.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Some rows of a tensor along its first dimension, in the order in which a module counts them. That
 * is mostly one stretch, such as the second third of a fused projection; checkpoints that store
 * parts in another order than the module does have several. Immutable.
 *
 * @param key the tensor
 * @param runs stretches of rows, none of them empty and no two with a row in common; where one goes
 *     on after another they are joined, so that equal rows in equal order are equal values
 * @param tensorRows rows of the whole tensor; 1 for a scalar
 */
public record Rows(String key, List<Run> runs, long tensorRows) {

  /**
   * A stretch of neighbouring rows.
   *
   * @param first the first row
   * @param count number of rows
   */
  public record Run(long first, long count) {
    /** The row after the last. */
    public long end() {
      return first + count;
    }

    /** The rows that both have; of count 0 when there are none. */
    public Run intersect(Run other) {
      long from = Math.max(first, other.first);
      return new Run(from, Math.max(0, Math.min(end(), other.end()) - from));
    }
  }

  /**
   * Joins runs that go on after one another, and drops empty ones.
   *
   * @throws IllegalArgumentException if a run is not inside the tensor, or two have a row in common
   */
  public Rows {
    List<Run> joined = new ArrayList<>();
    for (Run run : runs) {
      requireInside(key, run, tensorRows);
      if (run.count() == 0) {
        continue;
      }
      Run last = joined.isEmpty() ? null : joined.getLast();
      if (last != null && last.end() == run.first()) {
        joined.set(joined.size() - 1, new Run(last.first(), last.count() + run.count()));
      } else {
        joined.add(run);
      }
    }
    requireDisjoint(key, joined);
    runs = List.copyOf(joined);
  }

  private static void requireInside(String key, Run run, long tensorRows) {
    if (run.first() < 0 || run.count() < 0 || run.count() > tensorRows - run.first()) {
      throw new IllegalArgumentException(
          key + ": rows " + run.first() + " + " + run.count() + " of " + tensorRows);
    }
  }

  private static void requireDisjoint(String key, List<Run> runs) {
    for (int i = 0; i < runs.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (runs.get(i).intersect(runs.get(j)).count() > 0) {
          throw new IllegalArgumentException(key + ": rows in two runs: " + runs);
        }
      }
    }
  }

  /**
   * One stretch of rows.
   *
   * @throws IllegalArgumentException if it is not inside the tensor
   */
  public static Rows of(String key, long first, long count, long tensorRows) {
    return new Rows(key, List.of(new Run(first, count)), tensorRows);
  }

  /** All rows of a tensor with this many, in its own order. */
  public static Rows whole(String key, long tensorRows) {
    return of(key, 0, tensorRows, tensorRows);
  }

  /** All rows of a tensor, in its own order. */
  public static Rows whole(TensorInfo tensor) {
    return whole(tensor.key(), tensor.shape().rows());
  }

  /** Number of rows. */
  public long count() {
    return runs.stream().mapToLong(Run::count).sum();
  }

  /** The smallest row; 0 when there are none. */
  public long first() {
    return runs.stream().mapToLong(Run::first).min().orElse(0);
  }

  /** Whether this is the tensor with all its rows, in its own order. */
  public boolean isWhole() {
    return runs.size() <= 1 && count() == tensorRows;
  }

  /** Whether the two have a row in common. */
  public boolean overlaps(Rows other) {
    if (!key.equals(other.key)) {
      return false;
    }
    for (Run run : runs) {
      for (Run that : other.runs) {
        if (run.intersect(that).count() > 0) {
          return true;
        }
      }
    }
    return false;
  }

  /** The rows that both have, in this one's order; perhaps none. */
  public Rows intersect(Rows other) {
    List<Run> common = new ArrayList<>();
    if (key.equals(other.key)) {
      for (Run run : runs) {
        other.runs.stream()
            .map(run::intersect)
            .filter(both -> both.count() > 0)
            .sorted((one, two) -> Long.compare(one.first(), two.first()))
            .forEach(common::add);
      }
    }
    return new Rows(key, common, tensorRows);
  }

  /**
   * Where rows that this has lie among its own: the numbers of these rows, counted in this one's
   * order.
   *
   * @param part some of these rows, in the order in which they are wanted; others are passed over
   */
  public List<Run> positionsOf(Rows part) {
    List<Run> positions = new ArrayList<>();
    for (Run one : part.runs) {
      SortedMap<Long, Run> byRow = new TreeMap<>();
      long before = 0;
      for (Run run : runs) {
        Run shared = one.intersect(run);
        if (shared.count() > 0) {
          byRow.put(shared.first(), new Run(before + shared.first() - run.first(), shared.count()));
        }
        before += run.count();
      }
      positions.addAll(byRow.values());
    }
    return positions;
  }

  /**
   * The key, and the rows unless they are all: {@code KEY rows 1280..2560}, the end exclusive, or
   * {@code KEY rows 3072..6144, 0..3072}.
   */
  @Override
  public String toString() {
    if (isWhole()) {
      return key;
    }
    return key
        + " rows "
        + (runs.isEmpty()
            ? "0..0"
            : runs.stream()
                .map(run -> run.first() + ".." + run.end())
                .collect(Collectors.joining(", ")));
  }
}
