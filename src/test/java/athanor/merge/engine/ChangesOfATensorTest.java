package athanor.merge.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import athanor.delta.Arithmetic;
import athanor.delta.Change;
import athanor.delta.DenseDelta;
import athanor.delta.LoadedTransform;
import athanor.delta.LowRankDelta;
import athanor.delta.Placement;
import athanor.delta.RowTransform;
import athanor.file.OutputFile;
import athanor.file.OutputTarget;
import athanor.kernel.Kernels;
import athanor.merge.plan.Precision;
import athanor.merge.plan.TensorPlan;
import athanor.merge.plan.TensorSource;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.safetensors.SafetensorsFile;
import athanor.safetensors.SafetensorsLayout;
import athanor.tensor.DType;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.testkit.Gen;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the engine makes of the changes of one tensor, against the same in float64, all at once. */
class ChangesOfATensorTest {
  private static final Kernels KERNELS = Kernels.create();
  private static final double TOLERANCE = 2e-5;

  @TempDir private Path folder;

  /** Rows in the opposite order within groups of so many. */
  private record Reversal(int rowsTogether) implements RowTransform {
    @Override
    public long loadedBytes() {
      return 8;
    }

    @Override
    public LoadedTransform load(Shape shape, Arithmetic arithmetic) {
      int width = Math.toIntExact(shape.columns());
      return (from, to, values) -> {
        assertThat(from % rowsTogether).isZero();
        assertThat(to % rowsTogether == 0 || to == shape.rows()).isTrue();
        for (int first = 0; first < to - from; first += rowsTogether) {
          int last = Math.min(first + rowsTogether, to - from) - 1;
          for (int low = first, high = last; low < high; low++, high--) {
            for (int column = 0; column < width; column++) {
              float kept = values[low * width + column];
              values[low * width + column] = values[high * width + column];
              values[high * width + column] = kept;
            }
          }
        }
      };
    }
  }

  /** Every column divided by 1 + the sum of the squares of what the first pass saw in it. */
  private record ColumnLengths(FirstPass firstPass) implements RowTransform {
    @Override
    public long loadedBytes() {
      return 8;
    }

    @Override
    public LoadedTransform load(Shape shape, Arithmetic arithmetic) {
      int width = Math.toIntExact(shape.columns());
      double[] squares = new double[width];
      return new LoadedTransform() {
        @Override
        public void look(int from, int to, float[] values) {
          for (int i = 0; i < (to - from) * width; i++) {
            squares[i % width] += (double) values[i] * values[i];
          }
        }

        @Override
        public void apply(int from, int to, float[] values) {
          for (int i = 0; i < (to - from) * width; i++) {
            values[i] = (float) (values[i] / (1 + squares[i % width]));
          }
        }
      };
    }
  }

  /** The same changes on matrices in float64. */
  private static final class Oracle {
    private final double[][] original;
    private final double[][] weight;

    Oracle(float[] values, int rows, int columns) {
      original = new double[rows][columns];
      for (int i = 0; i < values.length; i++) {
        original[i / columns][i % columns] = values[i];
      }
      weight = new double[rows][];
      for (int row = 0; row < rows; row++) {
        weight[row] = original[row].clone();
      }
    }

    private static double[][] taken(double[][] from, Placement place) {
      List<Integer> rows = rows(place);
      double[][] part = new double[place.outputs()][place.inputs()];
      for (int i = 0; i < rows.size(); i++) {
        for (int column = 0; column < place.columns(); column++) {
          if (place.transposed()) {
            part[column][i] = from[rows.get(i)][column];
          } else {
            part[i][column] = from[rows.get(i)][column];
          }
        }
      }
      return part;
    }

    private static List<Integer> rows(Placement place) {
      List<Integer> rows = new ArrayList<>();
      for (Rows.Run run : place.rows().runs()) {
        for (long row = run.first(); row < run.end(); row++) {
          rows.add((int) row);
        }
      }
      return rows;
    }

    void apply(Change change) {
      double[][] part = taken(weight, change.place());
      switch (change) {
        case Change.Add add -> add(part, add);
        case Change.Transform transform -> {
          double[][] after = transformed(part, transform);
          for (int i = 0; i < part.length; i++) {
            for (int j = 0; j < part[i].length; j++) {
              part[i][j] += transform.strength() * (after[i][j] - part[i][j]);
            }
          }
        }
        case Change.Combine combine -> throw new IllegalArgumentException(combine.toString());
      }
      List<Integer> rows = rows(change.place());
      for (int i = 0; i < rows.size(); i++) {
        for (int column = 0; column < change.place().columns(); column++) {
          weight[rows.get(i)][column] =
              change.place().transposed() ? part[column][i] : part[i][column];
        }
      }
    }

    private static void add(double[][] part, Change.Add add) {
      int width = add.place().inputs();
      float[] delta = new float[add.place().outputs() * width];
      add.delta().load(Arithmetic.float32(KERNELS)).rows(0, add.place().outputs(), delta);
      for (int i = 0; i < delta.length; i++) {
        part[i / width][i % width] += add.factor() * delta[i];
      }
    }

    private double[][] transformed(double[][] part, Change.Transform change) {
      double[][] after = new double[part.length][];
      switch (change.transform()) {
        case Reversal(int together) -> {
          for (int i = 0; i < part.length; i++) {
            int first = i / together * together;
            int last = Math.min(first + together, part.length) - 1;
            after[i] = part[last - (i - first)].clone();
          }
        }
        case ColumnLengths(RowTransform.FirstPass pass) -> {
          double[][] seen =
              pass == RowTransform.FirstPass.OF_THE_ORIGINAL
                  ? taken(original, change.place())
                  : part;
          for (int i = 0; i < part.length; i++) {
            after[i] = part[i].clone();
            for (int j = 0; j < after[i].length; j++) {
              double squares = 0;
              for (double[] row : seen) {
                squares += row[j] * row[j];
              }
              after[i][j] /= 1 + squares;
            }
          }
        }
        default -> throw new AssertionError(change);
      }
      return after;
    }
  }

  private final class Fixture implements AutoCloseable {
    final int rows;
    final int columns;
    final Gen gen;
    private final TensorFile adapter = new TensorFile();
    private final List<java.util.function.Function<StateDict, Change>> changes = new ArrayList<>();
    private final StateDict base;

    Fixture(int rows, int columns, Gen gen) {
      this.rows = rows;
      this.columns = columns;
      this.gen = gen;
      Path path =
          new TensorFile()
              .random("w", DType.F32, Shape.of(rows, columns), 0.5, gen)
              .write(folder.resolve("base-" + gen.anyLong() + ".safetensors"));
      this.base = SafetensorsFile.open(path);
      adapter.put("unused", DType.F32, Shape.of(1), 0f);
    }

    Fixture pair(Placement place, int rank, double ratio) {
      String name = "pair" + changes.size();
      adapter.random(name + ".up", DType.F32, Shape.of(place.outputs(), rank), 0.3, gen);
      adapter.random(name + ".down", DType.F32, Shape.of(rank, place.inputs()), 0.3, gen);
      changes.add(file ->
          new Change.Add(
              new LowRankDelta(
                  file,
                  file.find(name + ".up").orElseThrow(),
                  file.find(name + ".down").orElseThrow(),
                  Optional.empty(),
                  0.5),
              place,
              ratio));
      return this;
    }

    Fixture difference(Placement place, double ratio) {
      String name = "diff" + changes.size();
      Shape shape = Shape.of(place.outputs(), place.inputs());
      adapter.random(name, DType.F32, shape, 0.3, gen);
      changes.add(file ->
          new Change.Add(DenseDelta.of(file, file.find(name).orElseThrow(), 1), place, ratio));
      return this;
    }

    Fixture transform(Placement place, RowTransform transform, double strength) {
      changes.add(_ -> new Change.Transform(transform, place, strength));
      return this;
    }

    Placement whole() {
      return Placement.whole("w", Shape.of(rows, columns));
    }

    Placement rows(Rows.Run... runs) {
      Rows part = new Rows("w", List.of(runs), rows);
      return new Placement(part, Shape.of(part.count(), columns), false);
    }

    Placement transposed() {
      return new Placement(Rows.whole("w", rows), Shape.of(columns, rows), true);
    }

    float[] run(int threads, Precision precision) {
      Path path = adapter.write(folder.resolve("adapter-" + gen.anyLong() + ".safetensors"));
      try (StateDict file = SafetensorsFile.open(path)) {
        return merge(base, list(file), threads, precision);
      }
    }

    private List<Change> list(StateDict file) {
      return changes.stream().map(change -> change.apply(file)).toList();
    }

    void check() {
      Path path = adapter.write(folder.resolve("adapter-" + gen.anyLong() + ".safetensors"));
      try (StateDict file = SafetensorsFile.open(path)) {
        List<Change> all = list(file);
        float[] values = merge(base, all, 2, Precision.FLOAT);
        Oracle oracle =
            new Oracle(
                Arithmetic.float32(KERNELS).read(base, base.find("w").orElseThrow()),
                rows,
                columns);
        all.forEach(oracle::apply);
        for (int i = 0; i < values.length; i++) {
          assertThat((double) values[i])
              .as("seed %d, row %d, column %d of %s", gen.seed(), i / columns, i % columns, all)
              .isCloseTo(oracle.weight[i / columns][i % columns], within(TOLERANCE));
        }
        assertThat(merge(base, all, 1, Precision.FLOAT)).containsExactly(values);
      }
    }

    @Override
    public void close() {
      base.close();
    }
  }

  private float[] merge(StateDict base, List<Change> changes, int threads, Precision precision) {
    TensorInfo tensor = base.find("w").orElseThrow();
    var plan = new TensorPlan(new TensorSource.Stored(base, tensor), tensor, changes);
    var layout = SafetensorsLayout.inOrder(List.of(tensor), Map.of());
    Path path = folder.resolve("out.safetensors");
    try (OutputFile output = OutputTarget.of(path, true).open()) {
      new MergeEngine(KERNELS, threads, Progress.NONE, new Cancellation())
          .run("test", List.of(plan), precision, layout, output);
      output.seal(layout.size());
      output.publish();
    }
    return TensorFile.floats(path, "w");
  }

  private static Rows.Run run(long first, long count) {
    return new Rows.Run(first, count);
  }

  @Test
  void neighbouringAdditionsGiveTheirSum() {
    try (Fixture f = new Fixture(500, 300, Gen.fixed(1))) {
      f.pair(f.whole(), 4, 0.7)
          .difference(f.rows(run(100, 300)), -0.4)
          .pair(f.whole(), 8, 1.1)
          .pair(f.rows(run(0, 100)), 3, 2)
          .check();
    }
  }

  @Test
  void rowsInSeveralRunsAreTakenInTheirOrder() {
    try (Fixture f = new Fixture(500, 300, Gen.fixed(2))) {
      f.pair(f.rows(run(250, 250), run(0, 250)), 4, 1)
          .difference(f.rows(run(400, 30), run(10, 5), run(200, 100)), 1)
          .check();
    }
  }

  @Test
  void aTransformSeesWhatEarlierChangesLeft() {
    try (Fixture f = new Fixture(500, 300, Gen.fixed(3))) {
      f.pair(f.whole(), 4, 1)
          .transform(f.whole(), new Reversal(20), 1)
          .pair(f.whole(), 4, 1)
          .transform(f.whole(), new Reversal(1), 0.5)
          .transform(f.whole(), new Reversal(7), 0.25)
          .check();
    }
  }

  @Test
  void aTransformMayNeedAllRowsAtOnce() {
    try (Fixture f = new Fixture(500, 300, Gen.fixed(4))) {
      f.transform(f.whole(), new Reversal(500), 0.5)
          .transform(f.rows(run(100, 300)), new Reversal(300), 1)
          .check();
    }
  }

  @Test
  void groupsAreWholeEvenAcrossRuns() {
    try (Fixture f = new Fixture(500, 300, Gen.fixed(5))) {
      f.transform(f.rows(run(490, 10), run(0, 7), run(300, 90)), new Reversal(12), 1).check();
    }
  }

  @Test
  void theFirstPassSeesEarlierChangesOrTheOriginal() {
    for (RowTransform.FirstPass pass :
        List.of(RowTransform.FirstPass.OF_WHAT_IS_THERE, RowTransform.FirstPass.OF_THE_ORIGINAL)) {
      try (Fixture f = new Fixture(500, 300, Gen.fixed(6))) {
        f.pair(f.whole(), 4, 1)
            .transform(f.rows(run(400, 100), run(0, 150)), new ColumnLengths(pass), 0.5)
            .difference(f.whole(), 0.2)
            .transform(f.whole(), new ColumnLengths(pass), 1)
            .check();
      }
    }
  }

  @Test
  void aTransposedWeightIsSeenAsItWasTrained() {
    try (Fixture f = new Fixture(300, 200, Gen.fixed(7))) {
      f.pair(f.transposed(), 4, 1)
          .difference(f.transposed(), 0.3)
          .transform(f.transposed(), new Reversal(9), 1)
          .transform(
              f.transposed(), new ColumnLengths(RowTransform.FirstPass.OF_WHAT_IS_THERE), 0.5)
          .check();
    }
  }

  @Test
  void fewerColumnsAreTheFirst() {
    try (Fixture f = new Fixture(320, 81, Gen.fixed(8))) {
      Placement narrow = Placement.whole("w", Shape.of(320, 4, 3, 3));
      f.pair(narrow, 4, 1)
          .difference(narrow, 0.5)
          .transform(narrow, new Reversal(32), 1)
          .transform(narrow, new ColumnLengths(RowTransform.FirstPass.OF_WHAT_IS_THERE), 1)
          .check();
    }
  }

  @Test
  void rowsWiderThanABlockAreTakenOneByOne() {
    try (Fixture f = new Fixture(5, 70_000, Gen.fixed(9))) {
      f.pair(f.rows(run(3, 2), run(0, 2)), 2, 1).transform(f.whole(), new Reversal(2), 1).check();
    }
  }

  @Test
  void strengthNoughtOfATransformLeavesTheWeight() {
    try (Fixture f = new Fixture(50, 30, Gen.fixed(10))) {
      f.transform(f.whole(), new Reversal(10), 0);
      float[] before = Arithmetic.float32(KERNELS).read(f.base, f.base.find("w").orElseThrow());
      assertThat(f.run(1, Precision.FLOAT)).containsExactly(before);
    }
  }

  @Test
  void halfPrecisionRoundsEveryStep() {
    try (Fixture f = new Fixture(500, 300, Gen.fixed(11))) {
      f.pair(f.whole(), 4, 1).difference(f.whole(), 0.5).transform(f.whole(), new Reversal(4), 0.5);
      float[] half = f.run(2, Precision.FP16);
      float[] whole = f.run(2, Precision.FLOAT);
      for (int i = 0; i < half.length; i++) {
        assertThat(half[i]).isEqualTo(Float.float16ToFloat(Float.floatToFloat16(half[i])));
        assertThat((double) half[i]).isCloseTo(whole[i], within(0.02));
      }
    }
  }

  @Test
  void anyChangesInAnyOrderGiveWhatTheyGiveOneByOne() {
    for (int round = 0; round < 12; round++) {
      Gen gen = Gen.seeded("changes of a tensor");
      try (Fixture f = new Fixture(gen.between(1, 400), gen.between(1, 400), gen)) {
        int count = gen.between(1, 5);
        for (int i = 0; i < count; i++) {
          Placement place = gen.coin() ? f.whole() : gen.coin() ? f.transposed() : someRows(f);
          switch (gen.between(0, 3)) {
            case 0 -> f.pair(place, gen.between(1, 4), gen.coin() ? 0.5 : -1);
            case 1 -> f.difference(place, 0.25);
            case 2 -> f.transform(place, new Reversal(gen.between(1, 60)), gen.coin() ? 1 : 0.5);
            default ->
                f.transform(
                    place,
                    new ColumnLengths(
                        gen.coin()
                            ? RowTransform.FirstPass.OF_WHAT_IS_THERE
                            : RowTransform.FirstPass.OF_THE_ORIGINAL),
                    0.5);
          }
        }
        f.check();
      }
    }
  }

  /** Two or three stretches in any order. */
  private static Placement someRows(Fixture f) {
    List<Rows.Run> runs = new ArrayList<>();
    int at = 0;
    while (at < f.rows && runs.size() < 3) {
      int first = f.gen.between(at, f.rows - 1);
      int count = f.gen.between(1, f.rows - first);
      runs.add(run(first, count));
      at = first + count;
    }
    Collections.rotate(runs, f.gen.between(0, runs.size() - 1));
    return f.rows(runs.toArray(Rows.Run[]::new));
  }
}
