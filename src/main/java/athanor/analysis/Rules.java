package athanor.analysis;

/**
 * The thresholds behind advice. They are rules of thumb of people who merge, not laws: what a model
 * bears depends on how it was trained.
 */
public final class Rules {
  /** A LoRA so many times as loud as the median of the others is called louder. */
  public static final double LOUDER = 2;

  /** Changes that point the same way more than this are called alike. */
  public static final double ALIKE = 0.3;

  /** Changes that point against each other more than this are said to fight. */
  public static final double AGAINST = -0.1;

  /** From this total push on, relative to the weights, results are often overdone. */
  public static final double STRONG_PUSH = 0.1;

  /** From this total push on, results often break. */
  public static final double RISKY_PUSH = 0.2;

  /** One direction with more of the energy than this is called concentrated. */
  public static final double CONCENTRATED = 0.9;

  /** Below so many directions concentration means nothing. */
  public static final int ENOUGH_DIRECTIONS = 8;

  /** A rank that keeps this share of the energy is said to be enough. */
  public static final double ENOUGH_ENERGY = 0.99;

  /** A format that leaves less than this of a change is warned of. */
  public static final double POOR_SURVIVAL = 0.9;

  private Rules() {}
}
