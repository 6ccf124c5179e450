package athanor.model;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checkpoints whose weights are codes, which are refused by the name of their quantisation. */
class QuantisationTest {
  private static final String MODULE =
      Sample.UNET + "input_blocks.1.1.transformer_blocks.0.attn1.to_q";

  @ParameterizedTest
  @CsvSource({
    "bitsandbytes to 4 bits (nf4), weight.absmax weight.quant_state.bitsandbytes__nf4, U8",
    "bitsandbytes to 4 bits (fp4), weight.absmax weight.quant_state.bitsandbytes__fp4, U8",
    "bitsandbytes to 4 bits, weight.absmax weight.quant_map, U8",
    "bitsandbytes to int8, SCB, I8",
    "Nunchaku, qweight wscales, I8",
    "GPTQ or AWQ, qweight qzeros, I32",
    "quanto, weight._data weight._scale, I8",
    "nvfp4, weight_scale weight_scale_2, U8",
    "'to int8, with scales', weight_scale, I8",
    "'to int8, with scales', scale_weight, I8",
  })
  void isNamedInsteadOfTheArchitecture(String name, String companions, DType codes) {
    var tensors = new ArrayList<TensorInfo>();
    for (TensorInfo tensor : Sample.sd1(DType.F16)) {
      boolean quantised = tensor.key().equals(MODULE + ".weight");
      tensors.add(quantised ? new TensorInfo(tensor.key(), codes, tensor.shape()) : tensor);
    }
    Stream.of(companions.split(" "))
        .map(end -> new TensorInfo(MODULE + "." + end, DType.F32, Shape.of(320)))
        .forEach(tensors::add);

    assertThat(Recognition.of(tensors))
        .isInstanceOfSatisfying(
            Recognition.Quantised.class,
            found -> {
              assertThat(found.what()).contains(name);
              assertThat(found.advice()).contains("fp16");
            });
  }

  @ParameterizedTest
  @CsvSource({"F8_E4M3", "F8_E5M2", "BF16", "F32"})
  void plainWeightsOfAnyTypeAreNone(DType dtype) {
    assertThat(Recognition.of(List.copyOf(Sample.sd1(dtype))))
        .isInstanceOf(Recognition.Checkpoint.class);
  }
}
