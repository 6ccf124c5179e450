package athanor.recipe;

import athanor.merge.method.LoraMethod;
import athanor.merge.method.Method;
import athanor.merge.plan.MergeOptions;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A merge as a user asks for it, on the command line or in a recipe file, before links are found
 * and files opened. Where the result goes and how many workers make it is not part of it.
 * Immutable.
 *
 * @param base the checkpoint that receives the LoRAs; empty for LoRA + LoRA
 * @param loras the LoRAs in order, at least one
 * @param vae a file whose VAE replaces that of the base, or is added to it
 * @param fixPositions whether damaged {@code position_ids} are written as they should be
 * @param options how to compute and store
 * @param method {@link athanor.merge.method.Sum} if there is a base, else a {@link LoraMethod}
 * @param saysSd2 whether the user said, in kohya's way, that the base is SD 2.x
 */
public record MergeRequest(
    Optional<InputRequest> base,
    List<LoraRequest> loras,
    Optional<InputRequest> vae,
    boolean fixPositions,
    MergeOptions options,
    Method method,
    boolean saysSd2) {

  /** Copies the list. */
  public MergeRequest {
    loras = List.copyOf(loras);
  }

  /**
   * How the LoRAs become one LoRA.
   *
   * @throws IllegalStateException if they go into a base
   */
  public LoraMethod loraMethod() {
    if (method instanceof LoraMethod result) {
      return result;
    }
    throw new IllegalStateException("not a merge of LoRAs into one LoRA: " + method);
  }

  /** Every file or link that is asked for: base, LoRAs, VAE. */
  public List<InputRequest> inputs() {
    return Stream.of(base.stream(), loras.stream().map(LoraRequest::input), vae.stream())
        .flatMap(part -> part)
        .toList();
  }

  /** The same merge of other files; {@code change} is asked in the order of {@link #inputs}. */
  public MergeRequest withInputs(UnaryOperator<InputRequest> change) {
    return new MergeRequest(
        base.map(change),
        loras.stream().map(lora -> lora.with(change.apply(lora.input()))).toList(),
        vae.map(change),
        fixPositions,
        options,
        method,
        saysSd2);
  }

  /**
   * The same merge under the condition that its files have these hashes.
   *
   * @param hashes as many as {@link #inputs}, in that order; empty for no condition
   */
  public MergeRequest withHashes(List<Optional<String>> hashes) {
    Iterator<Optional<String>> next = hashes.iterator();
    return withInputs(input -> new InputRequest(input.text(), next.next()));
  }

  /** The merge with a path for each file; {@code places} says which. */
  public Recipe located(Function<InputRequest, Path> places) {
    return new Recipe(
        base.map(places),
        loras.stream().map(lora -> lora.located(places.apply(lora.input()))).toList(),
        options,
        new CheckpointEdits(vae.map(places), fixPositions),
        saysSd2);
  }
}
