package athanor;

/** What happens while a {@link Merge} runs. */
public sealed interface MergeEvent {

  /** Something worth knowing, a sentence without a full stop. */
  record Note(String text) implements MergeEvent {}

  /** Something the user should know, a sentence without a full stop. */
  record Warning(String text) implements MergeEvent {}

  /**
   * A LoRA is judged by its structure, and again when it was downloaded. If it does not fit, the
   * merge ends with the reason.
   *
   * @param lora its file name
   * @param fits whether it can be merged
   */
  record Verdict(String lora, boolean fits) implements MergeEvent {}

  /**
   * Work advances: a download, hashing, merging. Told at most ten times a second.
   *
   * @param activity a short phrase such as {@code merging}
   * @param bytes done
   * @param totalBytes to be done, 0 when unknown
   */
  record Advance(String activity, long bytes, long totalBytes) implements MergeEvent {
    /** The share that is done, from 0 to 1; 0 when unknown. */
    public double share() {
      return totalBytes == 0 ? 0 : (double) bytes / totalBytes;
    }
  }
}
