package athanor.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterMatch;
import athanor.adapter.AdapterTraits;
import athanor.format.StateDicts;
import athanor.model.Architecture;
import athanor.model.CheckpointModel;
import athanor.model.LoraArchitecture;
import athanor.model.Recognition;
import athanor.model.TargetIndex;
import athanor.model.naming.ModuleScope;
import athanor.model.table.Section;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.testkit.Known;
import athanor.testkit.SparseFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** LoRAs with the modules and the spelling of every trainer, against bases in every layout. */
class KindsOfLorasTest {
  private static final int RANK = 4;

  @TempDir private Path folder;

  /** A line of the table. */
  record Kind(
      String name,
      Architecture architecture,
      List<String> groups,
      String layout,
      String prefix,
      String names,
      String suffixes,
      String modules,
      int applied,
      int of,
      Architecture madeFor) {

    static Kind parse(String line) {
      String[] words = line.split("\t");
      return new Kind(
          words[0],
          Known.of(words[1]),
          words[2].equals("-") ? List.of() : List.of(words[2].split(",")),
          words[3],
          words[4].equals("-") ? "" : words[4],
          words[5],
          words[6],
          words[7],
          Integer.parseInt(words[8]),
          Integer.parseInt(words[9]),
          Known.of(words[10]));
    }

    private TransformerTables tables() {
      return TransformerTables.read(architecture.facts().table().orElseThrow(), architecture.id());
    }

    CheckpointModel base() {
      TransformerTables tables = tables();
      List<TensorInfo> tensors = new ArrayList<>();
      for (LayoutTensor tensor :
          tables
              .layout(layout)
              .orElseThrow()
              .tensors(tables.modules().names(tables.repeats().complete(), groups))) {
        tensors.add(new TensorInfo(tensor.keys().getFirst(), DType.BF16, tensor.shape()));
        if (tensor.bias()) {
          long rows = tensor.shape().rows();
          tensors.add(new TensorInfo(tensor.keys().get(1), DType.BF16, Shape.of(rows)));
        }
      }
      return ((Recognition.Checkpoint) Recognition.of(tensors)).model();
    }

    /** The tensors of the LoRA: a pair, or two Kronecker factors, for each module. */
    List<TensorInfo> tensors() {
      TransformerTables tables = tables();
      List<TensorInfo> tensors = new ArrayList<>();
      boolean flat = prefix.endsWith("_");
      List<String> all = tables.modules().names(tables.repeats().complete(), loraGroups(tables));
      NameTable table =
          names.equals("spellings")
              ? tables.spellings().orElseThrow()
              : tables.layout(names).orElseThrow();
      for (LayoutTensor one : table.tensors(all)) {
        if (one.shape().rank() == 2 && !one.ending().isEmpty() && one.name().matches(modules)) {
          String module = prefix + (flat ? ModuleScope.flatten(one.name()) : one.name());
          add(module, one.shape().rows(), one.shape().columns(), tensors);
        }
      }
      return tensors;
    }

    /** Trainers train what their model has, which may be more than the base has. */
    private List<String> loraGroups(TransformerTables tables) {
      return applied == of ? groups : tables.sizes().groups();
    }

    private void add(String module, long out, long in, List<TensorInfo> tensors) {
      switch (suffixes) {
        case "kohya", "dotted" -> {
          tensors.add(tensor(module + ".lora_up.weight", out, RANK));
          tensors.add(tensor(module + ".lora_down.weight", RANK, in));
          tensors.add(tensor(module + ".alpha"));
        }
        case "peft" -> {
          tensors.add(tensor(module + ".lora_A.weight", RANK, in));
          tensors.add(tensor(module + ".lora_B.weight", out, RANK));
        }
        case "default" -> {
          tensors.add(tensor(module + ".lora_A.default.weight", RANK, in));
          tensors.add(tensor(module + ".lora_B.default.weight", out, RANK));
        }
        case "xlabs" -> {
          String infix = Character.isDigit(module.charAt(module.length() - 1)) ? "" : "_lora";
          tensors.add(tensor(module + infix + ".down.weight", RANK, in));
          tensors.add(tensor(module + infix + ".up.weight", out, RANK));
        }
        case "lokr" -> {
          long inner = in % 4 == 0 ? 4 : 1;
          tensors.add(tensor(module + ".lokr_w1", 1, inner));
          tensors.add(tensor(module + ".lokr_w2", out, in / inner));
        }
        default -> throw new IllegalStateException(suffixes);
      }
    }

    private static TensorInfo tensor(String key, long... dims) {
      return new TensorInfo(key, DType.F16, Shape.of(dims));
    }

    String format() {
      return suffixes.equals("lokr") ? "LoKr" : "LoRA";
    }

    @Override
    public String toString() {
      return name + ", " + prefix + ", " + architecture + " " + groups + " " + layout;
    }
  }

  static Stream<Kind> all() {
    return Section.lines(PublishedTest.class, "kinds-of-loras.tsv").stream().map(Kind::parse);
  }

  @ParameterizedTest
  @MethodSource("all")
  void isRecognisedAndApplied(Kind kind) {
    Path lora = SparseFile.write(folder.resolve("lora.safetensors"), kind.tensors());
    CheckpointModel base = kind.base();
    try (StateDict source = StateDicts.open(lora)) {
      AdapterFile file = AdapterFile.of(source);

      AdapterMatch match = AdapterMatch.of(file, base, TargetIndex.of(base));

      assertThat(file.otherKeys()).isEmpty();
      assertThat(AdapterTraits.of(file).kind()).startsWith(kind.format());
      assertThat(file.madeFor())
          .isInstanceOfSatisfying(
              LoraArchitecture.Certain.class,
              certain -> assertThat(certain.architecture()).isEqualTo(kind.madeFor()));
      assertThat(match.refusal(false)).isEmpty();
      assertThat(match.total()).isEqualTo(kind.of());
      assertThat(match.applied()).isEqualTo(kind.applied());
    }
  }
}
