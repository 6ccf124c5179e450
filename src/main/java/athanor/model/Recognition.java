package athanor.model;

import athanor.tensor.TensorInfo;
import java.util.Collection;

/** What a file is, judged by the keys and shapes of its tensors. */
public sealed interface Recognition {

  /**
   * A checkpoint that can be merged.
   *
   * @param model its architecture and the roles of its tensors
   */
  record Checkpoint(CheckpointModel model) implements Recognition {}

  /**
   * A model of a known architecture that cannot be merged yet.
   *
   * @param architecture which one
   * @param evidence the key that told, or the shape
   */
  record Unsupported(Architecture architecture, String evidence) implements Recognition {}

  /**
   * A model whose weights are stored as codes of a few bits, with what they mean beside them.
   *
   * @param what a noun phrase with its article, such as {@code a model quantised to int8}
   * @param advice what to do instead, a sentence without a full stop
   */
  record Quantised(String what, String advice) implements Recognition {}

  /**
   * A known kind of file that is no checkpoint.
   *
   * @param what a noun phrase with its article, such as {@code a ControlNet}
   * @param advice what to do instead, a sentence without a full stop
   * @param isLora whether it is a LoRA, though of no format that is known
   */
  record NotACheckpoint(String what, String advice, boolean isLora) implements Recognition {}

  /**
   * Nothing known.
   *
   * @param looksLike what can be said of it, a phrase
   */
  record Unknown(String looksLike) implements Recognition {}

  /**
   * Recognises a file. Takes a few milliseconds, tens of them in a cold process.
   *
   * @param tensors all its tensors; a nested {@code state_dict} already opened
   */
  static Recognition of(Collection<TensorInfo> tensors) {
    return Recognizer.recognize(tensors);
  }
}
