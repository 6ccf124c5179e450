package athanor.model;

import static athanor.model.Architecture.KOALA_1B;
import static athanor.model.Architecture.KOALA_700M;
import static athanor.model.Architecture.SD1;
import static athanor.model.Architecture.SD2;
import static athanor.model.Architecture.SDXL;
import static athanor.model.Architecture.SDXL_REFINER;
import static athanor.model.Architecture.SEGMIND_VEGA;
import static athanor.model.Architecture.SSD_1B;

import java.util.List;
import java.util.Optional;

/**
 * The dimensions of a latent-diffusion UNet, from which all its keys and shapes follow ({@link
 * UnetKeys}).
 *
 * @param architecture whose UNet this is
 * @param channels channels of the first level
 * @param multipliers channels of each level, as a multiple
 * @param resnets residual blocks per level on the way down; one more on the way up
 * @param inputDepths transformer blocks after each residual block on the way down; 0 is no
 *     attention
 * @param middleDepth transformer blocks in the middle, or one of the two constants
 * @param outputDepths transformer blocks after each residual block on the way up, in file order
 * @param context width of the text embedding
 * @param adm width of the pooled conditioning; 0 is none
 * @param linearProjections whether attention projects by a linear layer (2-D) or a 1×1 convolution
 */
record UnetPlan(
    Architecture architecture,
    int channels,
    List<Integer> multipliers,
    int resnets,
    List<Integer> inputDepths,
    int middleDepth,
    List<Integer> outputDepths,
    int context,
    int adm,
    boolean linearProjections) {

  /** The middle is a single residual block. */
  static final int MIDDLE_WITHOUT_ATTENTION = -1;

  /** There is no middle. */
  static final int NO_MIDDLE = -2;

  private static final List<Integer> FOUR_LEVELS = List.of(1, 2, 4, 4);
  private static final List<Integer> THREE_LEVELS = List.of(1, 2, 4);

  /** Every known plan; SDXL comes before its distilled variants. */
  static final List<UnetPlan> ALL =
      List.of(
          new UnetPlan(
              SD1,
              320,
              FOUR_LEVELS,
              2,
              List.of(1, 1, 1, 1, 1, 1, 0, 0),
              1,
              List.of(0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1),
              768,
              0,
              false),
          new UnetPlan(
              SD2,
              320,
              FOUR_LEVELS,
              2,
              List.of(1, 1, 1, 1, 1, 1, 0, 0),
              1,
              List.of(0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1),
              1024,
              0,
              true),
          new UnetPlan(
              SDXL,
              320,
              THREE_LEVELS,
              2,
              List.of(0, 0, 2, 2, 10, 10),
              10,
              List.of(10, 10, 10, 2, 2, 2, 0, 0, 0),
              2048,
              2816,
              true),
          new UnetPlan(
              SSD_1B,
              320,
              THREE_LEVELS,
              2,
              List.of(0, 0, 2, 2, 4, 4),
              MIDDLE_WITHOUT_ATTENTION,
              List.of(4, 4, 10, 2, 1, 1, 0, 0, 0),
              2048,
              2816,
              true),
          new UnetPlan(
              SEGMIND_VEGA,
              320,
              THREE_LEVELS,
              2,
              List.of(0, 0, 1, 1, 2, 2),
              MIDDLE_WITHOUT_ATTENTION,
              List.of(2, 2, 2, 1, 1, 1, 0, 0, 0),
              2048,
              2816,
              true),
          new UnetPlan(
              KOALA_700M,
              320,
              THREE_LEVELS,
              1,
              List.of(0, 2, 5),
              NO_MIDDLE,
              List.of(5, 5, 2, 2, 0, 0),
              2048,
              2816,
              true),
          new UnetPlan(
              KOALA_1B,
              320,
              THREE_LEVELS,
              1,
              List.of(0, 2, 6),
              6,
              List.of(6, 6, 2, 2, 0, 0),
              2048,
              2816,
              true),
          new UnetPlan(
              SDXL_REFINER,
              384,
              FOUR_LEVELS,
              2,
              List.of(0, 0, 4, 4, 4, 4, 0, 0),
              4,
              List.of(0, 0, 0, 4, 4, 4, 4, 4, 4, 0, 0, 0),
              1280,
              2560,
              true));

  /** The plan of an architecture; empty when it has no such UNet. */
  static Optional<UnetPlan> of(Architecture architecture) {
    return ALL.stream().filter(plan -> plan.architecture == architecture).findFirst();
  }

  /** Input and output blocks per level: each residual block, then the resampling. */
  int blocksPerLevel() {
    return resnets + 1;
  }
}
