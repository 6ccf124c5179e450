package athanor.delta;

import athanor.tensor.Rows;
import athanor.tensor.Shape;
import java.util.List;

/**
 * What a transform does to some rows of the weight that it was made for, where every row becomes
 * what it becomes alone: the query's third of a fused projection.
 *
 * @param whole the transform
 * @param runs rows of the weight, in the order in which they are wanted
 * @param outputs rows of the whole weight
 */
record PartialTransform(RowTransform whole, List<Rows.Run> runs, long outputs)
    implements RowTransform {
  PartialTransform {
    runs = List.copyOf(runs);
  }

  @Override
  public long loadedBytes() {
    return whole.loadedBytes();
  }

  @Override
  public LoadedTransform load(Shape shape, Arithmetic arithmetic) {
    long[] dims = shape.dims();
    dims[0] = outputs;
    LoadedTransform loaded = whole.load(Shape.of(dims), arithmetic);
    int width = Math.toIntExact(shape.columns());
    return (from, to, values) -> {
      long before = 0;
      for (Rows.Run run : runs) {
        Rows.Run wanted =
            new Rows.Run(before, run.count()).intersect(new Rows.Run(from, to - from));
        if (wanted.count() > 0) {
          int first = Math.toIntExact(run.first() + wanted.first() - before);
          int count = Math.toIntExact(wanted.count());
          int at = Math.toIntExact(wanted.first() - from) * width;
          float[] rows = new float[count * width];
          System.arraycopy(values, at, rows, 0, rows.length);
          loaded.apply(first, first + count, rows);
          System.arraycopy(rows, 0, values, at, rows.length);
        }
        before += run.count();
      }
    };
  }
}
