package athanor.model.sd;

import athanor.model.block.Block;
import athanor.model.block.BlockScheme;
import athanor.model.table.Section;
import java.util.List;
import java.util.OptionalInt;

/**
 * The dimensions of a latent-diffusion UNet, from which all its keys and shapes follow ({@link
 * UnetKeys}): a section of the table {@code unets.txt}.
 *
 * @param id the architecture whose UNet this is
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
 * @param kohyaKeepsNames whether kohya's trainers write the names of latent diffusion, or those of
 *     diffusers
 * @param outBlock the block that the last layers count to
 * @param encoders the text encoders that go with it
 * @param storesSchedule whether files store the vectors of the noise schedule
 */
record UnetPlan(
    String id,
    int channels,
    List<Integer> multipliers,
    int resnets,
    List<Integer> inputDepths,
    int middleDepth,
    List<Integer> outputDepths,
    int context,
    int adm,
    boolean linearProjections,
    boolean kohyaKeepsNames,
    Block outBlock,
    List<TextEncoderPlan> encoders,
    boolean storesSchedule) {

  /** The middle is a single residual block. */
  static final int MIDDLE_WITHOUT_ATTENTION = -1;

  /** There is no middle. */
  static final int NO_MIDDLE = -2;

  /** The blocks of every such UNet. */
  static final BlockScheme BLOCKS = BlockScheme.named("unet");

  /** What is not in the UNet. */
  static final Block BASE = BLOCKS.block("BASE");

  private static final Block MID = BLOCKS.block("MID");
  private static final List<Block> IN = blocks("IN");
  private static final List<Block> OUT = blocks("OUT");

  /** Every known plan; SDXL comes before its distilled variants. */
  static final List<UnetPlan> ALL =
      Section.read(UnetPlan.class, "unets.txt").stream().map(UnetPlan::of).toList();

  private static UnetPlan of(Section section) {
    return new UnetPlan(
        section.name(),
        section.number("channels"),
        section.numbers("multipliers"),
        section.number("resnets"),
        section.numbers("input-depths"),
        middle(section.text("middle-depth")),
        section.numbers("output-depths"),
        section.number("context"),
        section.number("adm"),
        section.text("projections").equals("linear"),
        section.text("kohya").equals("original"),
        BLOCKS.block(section.text("out")),
        section.words("encoders").stream().map(TextEncoderPlan::named).toList(),
        section.text("schedule").equals("stored"));
  }

  private static int middle(String depth) {
    return switch (depth) {
      case "resnet" -> MIDDLE_WITHOUT_ATTENTION;
      case "none" -> NO_MIDDLE;
      default -> Integer.parseInt(depth);
    };
  }

  /** Input and output blocks per level: each residual block, then the resampling. */
  int blocksPerLevel() {
    return resnets + 1;
  }

  /** The last layer of its text encoder where no program reads it. */
  OptionalInt unusedTextLayer() {
    return encoders.stream().flatMapToInt(encoder -> encoder.unused().stream()).findFirst();
  }

  /** The last block on the way up: what merging programs count the last layers of a model to. */
  Block lastBlock() {
    return OUT.get(outputDepths.size() - 1);
  }

  /**
   * The block of a tensor of the UNet.
   *
   * @param name its key without the prefix
   * @param last the block that the last layers count to
   */
  Block blockOf(String name, Block last) {
    int dot = name.indexOf('.');
    String head = dot < 0 ? name : name.substring(0, dot);
    int number = dot < 0 ? -1 : UnetNames.leadingNumber(name.substring(dot + 1));
    return switch (head) {
      case "input_blocks" -> numbered(IN, number);
      case "middle_block" -> MID;
      case "output_blocks" -> numbered(OUT, number);
      case "time_embed", "label_emb" -> IN.getFirst();
      case "out" -> last;
      default -> BASE;
    };
  }

  private static Block numbered(List<Block> way, int number) {
    return number >= 0 && number < way.size() ? way.get(number) : BASE;
  }

  private static List<Block> blocks(String stem) {
    return BLOCKS.blocks().stream().filter(block -> block.name().startsWith(stem)).toList();
  }
}
