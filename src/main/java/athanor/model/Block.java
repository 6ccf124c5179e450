package athanor.model;

/**
 * The 26 slots of block weights, in their usual order: BASE for the text encoders, IN00 to IN11 for
 * the way down, MID, OUT00 to OUT11 for the way up. Numbered as the latent-diffusion code numbers
 * its blocks; {@link #ordinal()} is the slot's index.
 */
@SuppressWarnings("EnumOrdinal") // the order of the constants is the order of the slots
public enum Block {
  BASE,
  IN00,
  IN01,
  IN02,
  IN03,
  IN04,
  IN05,
  IN06,
  IN07,
  IN08,
  IN09,
  IN10,
  IN11,
  MID,
  OUT00,
  OUT01,
  OUT02,
  OUT03,
  OUT04,
  OUT05,
  OUT06,
  OUT07,
  OUT08,
  OUT09,
  OUT10,
  OUT11;

  private static final Block[] ALL = values();

  /**
   * The slot of {@code input_blocks.number}.
   *
   * @throws IllegalArgumentException if the number is not 0 to 11
   */
  static Block input(int number) {
    return ALL[IN00.ordinal() + checked(number)];
  }

  /**
   * The slot of {@code output_blocks.number}.
   *
   * @throws IllegalArgumentException if the number is not 0 to 11
   */
  static Block output(int number) {
    return ALL[OUT00.ordinal() + checked(number)];
  }

  private static int checked(int number) {
    if (number < 0 || number > 11) {
      throw new IllegalArgumentException("block " + number);
    }
    return number;
  }
}
