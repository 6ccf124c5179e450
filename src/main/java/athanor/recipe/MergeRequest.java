package athanor.recipe;

import athanor.merge.method.LoraMethod;
import athanor.merge.method.Method;
import athanor.merge.method.MixMethod;
import athanor.merge.method.mix.MixMethods;
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
 * @param base the checkpoint that receives the others; empty for LoRA + LoRA
 * @param mix checkpoints that are combined with the base, in order
 * @param loras the LoRAs in order, at least one unless there is a mix
 * @param vae a file whose VAE replaces that of the base, or is added to it
 * @param fixPositions whether damaged {@code position_ids} are written as they should be
 * @param options how to compute and store
 * @param method a {@link MixMethod} if there is a base, else a {@link LoraMethod}
 * @param saysSd2 whether the user said, in kohya's way, that the base is SD 2.x
 */
public record MergeRequest(
    Optional<InputRequest> base,
    List<MixRequest> mix,
    List<LoraRequest> loras,
    Optional<InputRequest> vae,
    boolean fixPositions,
    MergeOptions options,
    Method method,
    boolean saysSd2) {

  /** Copies the lists. */
  public MergeRequest {
    mix = List.copyOf(mix);
    loras = List.copyOf(loras);
  }

  /** A merge without further checkpoints. */
  public MergeRequest(
      Optional<InputRequest> base,
      List<LoraRequest> loras,
      Optional<InputRequest> vae,
      boolean fixPositions,
      MergeOptions options,
      Method method,
      boolean saysSd2) {
    this(base, List.of(), loras, vae, fixPositions, options, method, saysSd2);
  }

  /**
   * How what goes into a base is combined.
   *
   * @throws IllegalStateException if there is no base
   */
  public MixMethod mixMethod() {
    if (method instanceof MixMethod result) {
      return result;
    }
    throw new IllegalStateException("not a merge into a checkpoint: " + method);
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

  /** Every file or link that is asked for: base, further checkpoints, LoRAs, VAE. */
  public List<InputRequest> inputs() {
    return Stream.of(
            base.stream(),
            mix.stream().flatMap(MixRequest::inputs),
            loras.stream().map(LoraRequest::input),
            vae.stream())
        .flatMap(part -> part)
        .toList();
  }

  /** The same merge of other files; {@code change} is asked in the order of {@link #inputs}. */
  public MergeRequest withInputs(UnaryOperator<InputRequest> change) {
    return new MergeRequest(
        base.map(change),
        mix.stream().map(mixed -> mixed.withInputs(change)).toList(),
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
        mix.stream().map(mixed -> mixed.located(places)).toList(),
        loras.stream().map(lora -> lora.located(places.apply(lora.input()))).toList(),
        options,
        new CheckpointEdits(vae.map(places), fixPositions),
        method,
        saysSd2);
  }

  /**
   * Whether the method is to be written down: the sum of LoRAs and a base goes without saying, and
   * earlier versions read it so.
   */
  public boolean saysMethod() {
    return base.isEmpty() || !mix.isEmpty() || !method.equals(MixMethods.LIST.standard());
  }
}
