package athanor.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.adapter.format.Destination;
import athanor.delta.Arithmetic;
import athanor.delta.Change;
import athanor.delta.LowRank;
import athanor.delta.LowRankFactors;
import athanor.kernel.Kernels;
import athanor.model.Component;
import athanor.model.Target;
import athanor.model.block.BlockScheme;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.ChangedWeight;
import athanor.testkit.Gen;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for modules of every format, whatever their sizes: random ones, rank 1 among them. */
class FormatPropertiesTest {
  private static final String MODULE = "lora_unet_module";
  private static final String WEIGHT = "module.weight";
  private static final int CASES = 12;
  private static final Arithmetic FULL = Arithmetic.float32(Kernels.create());

  @TempDir private Path folder;

  /** The sizes of a weight and of what changes it; the sides are products. */
  private record Sizes(int outer, int inner, int left, int right, int rank, int kernel) {
    static Sizes random(Gen gen) {
      return new Sizes(
          gen.between(1, 5),
          gen.between(1, 5),
          gen.between(1, 7),
          gen.between(1, 7),
          gen.oneOf(1, 1, 2, 3, 5),
          gen.oneOf(1, 1, 3));
    }

    int out() {
      return outer * left;
    }

    int in() {
      return inner * right;
    }

    Shape weight() {
      return kernel == 1 ? Shape.of(out(), in()) : Shape.of(out(), in(), kernel, kernel);
    }

    int columns() {
      return in() * kernel * kernel;
    }
  }

  private interface Maker {
    void put(TensorFile file, Sizes s, Gen gen);
  }

  /** A format, and how to make a module of it. */
  private record Kind(String name, boolean additive, Maker maker) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static void put(TensorFile file, Gen gen, String end, int... dims) {
    long[] shape = new long[dims.length];
    for (int i = 0; i < dims.length; i++) {
      shape[i] = dims[i];
    }
    file.random(MODULE + end, DType.F32, Shape.of(shape), 0.5, gen);
  }

  private static void pair(TensorFile file, Sizes s, Gen gen) {
    if (s.kernel() == 1) {
      put(file, gen, ".lora_up.weight", s.out(), s.rank());
      put(file, gen, ".lora_down.weight", s.rank(), s.in());
    } else {
      put(file, gen, ".lora_up.weight", s.out(), s.rank(), 1, 1);
      put(file, gen, ".lora_down.weight", s.rank(), s.in(), s.kernel(), s.kernel());
    }
    file.put(MODULE + ".alpha", DType.F32, Shape.of(), gen.between(1, 8));
  }

  private static void tucker(TensorFile file, Sizes s, Gen gen) {
    put(file, gen, ".lora_up.weight", s.out(), s.rank(), 1, 1);
    put(file, gen, ".lora_mid.weight", s.rank(), s.rank(), s.kernel(), s.kernel());
    put(file, gen, ".lora_down.weight", s.rank(), s.in(), 1, 1);
  }

  private static void loha(TensorFile file, Sizes s, Gen gen) {
    for (String matrix : List.of("w1", "w2")) {
      put(file, gen, ".hada_" + matrix + "_a", s.out(), s.rank());
      put(file, gen, ".hada_" + matrix + "_b", s.rank(), s.columns());
    }
    file.put(MODULE + ".alpha", DType.F32, Shape.of(), gen.between(1, 8));
  }

  private static void lokr(TensorFile file, Sizes s, Gen gen) {
    put(file, gen, ".lokr_w1", s.outer(), s.inner());
    if (gen.coin()) {
      put(file, gen, ".lokr_w2_a", s.left(), s.rank());
      put(file, gen, ".lokr_w2_b", s.rank(), s.right() * s.kernel() * s.kernel());
    } else if (s.kernel() == 1) {
      put(file, gen, ".lokr_w2", s.left(), s.right());
    } else {
      put(file, gen, ".lokr_w2", s.left(), s.right(), s.kernel(), s.kernel());
    }
  }

  private static void magnitude(TensorFile file, Sizes s, Gen gen) {
    boolean outputs = s.in() == 1 || gen.coin();
    int[] dims = new int[s.weight().rank()];
    java.util.Arrays.fill(dims, 1);
    dims[outputs ? 0 : 1] = outputs ? s.out() : s.in();
    put(file, gen, ".dora_scale", dims);
  }

  static Stream<Kind> kinds() {
    return Stream.of(
        new Kind("LoRA", true, FormatPropertiesTest::pair),
        new Kind("Tucker", true, FormatPropertiesTest::tucker),
        new Kind("LoHa", true, FormatPropertiesTest::loha),
        new Kind("LoKr", true, FormatPropertiesTest::lokr),
        new Kind(
            "full",
            true,
            (file, s, gen) -> file.random(MODULE + ".diff", DType.F32, s.weight(), 0.5, gen)),
        new Kind(
            "MiSS",
            true,
            (file, s, gen) -> put(file, gen, ".miss_block", gen.between(1, s.in()), s.out())),
        new Kind(
            "DoRA",
            false,
            (file, s, gen) -> {
              pair(file, s, gen);
              magnitude(file, s, gen);
            }),
        new Kind(
            "DoRA on LoKr",
            false,
            (file, s, gen) -> {
              lokr(file, s, gen);
              magnitude(file, s, gen);
            }),
        new Kind(
            "IA3",
            false,
            (file, s, gen) -> {
              put(file, gen, ".weight", s.out(), 1);
              file.put(MODULE + ".on_input", DType.F32, Shape.of(1), 0);
            }),
        new Kind(
            "GLoRA",
            false,
            (file, s, gen) -> {
              put(file, gen, ".a1.weight", s.in(), s.rank());
              put(file, gen, ".a2.weight", s.rank(), s.in());
              put(file, gen, ".b1.weight", s.out(), s.rank());
              put(file, gen, ".b2.weight", s.rank(), s.in());
            }),
        new Kind(
            "OFT",
            false,
            (file, s, gen) -> put(file, gen, ".oft_blocks", s.outer(), s.left(), s.left())),
        new Kind(
            "HiRA",
            false,
            (file, s, gen) -> {
              put(file, gen, ".hira_A", s.rank(), s.columns());
              put(file, gen, ".hira_B", s.out(), s.rank());
            }));
  }

  static Stream<Kind> additiveKinds() {
    return kinds().filter(Kind::additive);
  }

  private interface Check {
    void of(Sizes sizes, List<Change> changes, String what);
  }

  /** Random modules of a kind; a size that it is not made for is another one. */
  private void forModules(Kind kind, Check check) {
    Gen gen = Gen.seeded("modules of " + kind);
    for (int i = 0; i < CASES; i++) {
      Sizes s = Sizes.random(gen);
      if (s.kernel() > 1 && (kind.name().equals("GLoRA") || kind.name().equals("MiSS"))) {
        continue;
      }
      boolean squareAndWide = s.in() == s.out() && s.rank() > s.in();
      if (squareAndWide && kind.name().equals("GLoRA")) { // its two forms look alike then
        continue;
      }
      if (kind.name().equals("OFT") && s.left() == 1) {
        continue;
      }
      TensorFile file = new TensorFile();
      kind.maker().put(file, s, gen);
      Path path = file.write(folder.resolve(kind.name() + i + ".safetensors"));
      try (StateDict source = SafetensorsFile.open(path)) {
        AdapterFile adapter = AdapterFile.of(source);
        AdapterModule module = adapter.modules().getFirst();
        String what = kind + " " + s + ", seed " + gen.seed();
        assertThat(module.problem()).as(what).isEmpty();
        check.of(s, ModuleChanges.of(module, new Destination("x", target(s.weight()))), what);
      }
    }
  }

  private static Target target(Shape shape) {
    return new Target(
        Rows.whole(WEIGHT, shape.rows()),
        shape,
        false,
        Optional.empty(),
        Component.UNET,
        BlockScheme.named("unet").block("BASE"),
        MODULE,
        "unet.module");
  }

  private float[] changed(Sizes s, float[] weight, List<Change> changes) {
    return ChangedWeight.of(folder, WEIGHT, s.weight(), weight, changes);
  }

  private static float[] weight(Sizes s) {
    return Gen.fixed(s.hashCode()).gaussians((int) s.weight().elementCount(), 1);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void strengthNoughtLeavesEveryBit(Kind kind) {
    forModules(
        kind,
        (s, changes, what) -> {
          float[] before = weight(s);
          List<Change> none = changes.stream().map(change -> change.times(0)).toList();
          assertThat(changed(s, before, none)).as(what).containsExactly(before);
        });
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void fullStrengthChangesSomething(Kind kind) {
    forModules(
        kind,
        (s, changes, what) ->
            assertThat(changed(s, weight(s), changes)).as(what).isNotEqualTo(weight(s)));
  }

  /** Float32 sums in another order differ by a few units in the last place of the largest value. */
  @ParameterizedTest
  @MethodSource("additiveKinds")
  void whatIsAddedMayBeAddedInAnyOrder(Kind kind) {
    forModules(
        kind,
        (s, changes, what) -> {
          List<Change> two = new ArrayList<>(changes);
          changes.forEach(change -> two.add(change.times(-0.3)));
          float[] one = changed(s, weight(s), two);
          float[] other = changed(s, weight(s), two.reversed());
          float largest = 0;
          for (float value : changed(s, weight(s), changes)) {
            largest = Math.max(largest, Math.abs(value));
          }
          for (int i = 0; i < one.length; i++) {
            assertThat(Math.abs(one[i] - other[i]))
                .as(what)
                .isLessThanOrEqualTo(4 * Math.ulp(largest));
          }
        });
  }

  /** What a conversion into plain pairs writes. */
  @ParameterizedTest
  @MethodSource("additiveKinds")
  void exactFactorsGiveTheSameWeight(Kind kind) {
    forModules(
        kind,
        (s, changes, what) -> {
          Change.Add add = (Change.Add) changes.getFirst();
          Optional<LowRank> form = add.delta().asLowRank();
          if (form.isEmpty()) {
            return;
          }
          LowRankFactors factors = form.get().factors(FULL);
          float[] merged = changed(s, weight(s), changes);
          float[] expected = weight(s);
          int width = s.columns();
          for (int i = 0; i < merged.length; i++) {
            double sum = 0;
            double size = Math.abs(expected[i]);
            for (int k = 0; k < factors.rank(); k++) {
              double product =
                  (double) factors.up()[i / width * factors.rank() + k]
                      * factors.down()[k * width + i % width];
              sum += product;
              size += Math.abs(add.factor() * product);
            }
            assertThat(Math.abs(merged[i] - (expected[i] + add.factor() * sum)))
                .as(what)
                .isLessThanOrEqualTo(1e-6 * size);
          }
        });
  }
}
