package athanor.cli;

import athanor.file.OutputTarget;
import athanor.job.input.Inputs;
import athanor.progress.Cancellation;
import java.nio.file.Path;
import java.util.Optional;

/** What differs between merging into a checkpoint and into a LoRA. */
sealed interface MergeWork permits CheckpointWork, LoraWork {
  /**
   * Where it happens.
   *
   * @param inputs opens the files
   * @param target where the result goes
   * @param screen where it is told
   * @param threads number of workers
   * @param cancellation stops it
   */
  record Place(
      Inputs inputs, OutputTarget target, Screen screen, int threads, Cancellation cancellation) {}

  /** Where the result goes. */
  Path output();

  /**
   * Returns if the merge can be done, as far as its inputs are known.
   *
   * @param first whether to say in detail what would be done, aside from the results
   * @return bytes of the result, 0 if that is not known yet
   * @throws athanor.error.AthanorException if something does not fit
   */
  long judge(boolean first);

  /** Whether the output is the result of this very merge already. */
  boolean isDone();

  /** Says what would be done. */
  void rehearse();

  /**
   * Merges and says what was done.
   *
   * @return the SHA-256 of the result, if the target asked for it
   */
  Optional<String> run();
}
