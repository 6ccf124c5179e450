package athanor.model;

import java.util.List;

/** Which base a LoRA was made for, and what tells so. */
public sealed interface LoraArchitecture {

  /** What was seen, in words, such as {@code attn2.to_k has 2048 inputs}. */
  String evidence();

  /**
   * One architecture fits. Of a family with distilled variants it is the one they were distilled
   * from; they have no evidence of their own.
   *
   * @param architecture the base
   * @param evidence what tells
   */
  record Certain(Architecture architecture, String evidence) implements LoraArchitecture {}

  /**
   * Several fit, and nothing decides between them.
   *
   * @param candidates at least two, the likeliest first
   * @param evidence what leaves these
   */
  record OneOf(List<Architecture> candidates, String evidence) implements LoraArchitecture {

    /** Copies the list. */
    public OneOf {
      candidates = List.copyOf(candidates);
    }
  }

  /**
   * Nothing tells.
   *
   * @param evidence what was looked at in vain
   */
  record Undetermined(String evidence) implements LoraArchitecture {}
}
