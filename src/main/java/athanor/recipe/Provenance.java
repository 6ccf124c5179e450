package athanor.recipe;

import athanor.merge.metadata.MetadataKeys;
import athanor.merge.method.LoraMethods;
import athanor.merge.method.Method;
import athanor.merge.method.mix.MixMethods;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Strength;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How a result was made, as it is stored in its metadata under {@link #METADATA_KEY}: inputs by
 * file name, hash and link, ratios and options, never a token and never a local path. Immutable.
 *
 * @param version the version of this program
 * @param base the checkpoint; empty for LoRA + LoRA
 * @param mix checkpoints that were combined with it, in order
 * @param loras the LoRAs in order
 * @param options how it was computed and stored
 * @param vae the file that gave the VAE; empty if it is that of the base
 * @param fixedPositions whether damaged position ids of the base were put right
 * @param method how they became one; empty for the sum into a checkpoint without others, and for a
 *     LoRA made by a version that did not note it
 */
public record Provenance(
    String version,
    Optional<Input> base,
    List<Mixed> mix,
    List<Input> loras,
    MergeOptions options,
    Optional<Input> vae,
    boolean fixedPositions,
    Optional<Method> method) {

  /** The metadata key that holds it. */
  public static final String METADATA_KEY = MetadataKeys.RECIPE;

  /**
   * An input.
   *
   * @param name file name without any folder
   * @param bytes file size; 0 if unknown
   * @param headerSha256 SHA-256 of the safetensors header, hexadecimal; empty for other formats
   * @param strength how strongly it was applied; empty for the base and the VAE
   * @param origin its hash, its links, and what they say
   */
  public record Input(
      String name,
      long bytes,
      Optional<String> headerSha256,
      Optional<Strength> strength,
      InputOrigin origin) {

    private boolean isSame(Input other) {
      Optional<String> hash = origin.sha256();
      Optional<String> otherHash = other.origin.sha256();
      boolean sameFile =
          hash.isPresent() && otherHash.isPresent()
              ? hash.equals(otherHash)
              : headerSha256.isPresent()
                  && headerSha256.equals(other.headerSha256)
                  && name.equals(other.name)
                  && bytes == other.bytes;
      return sameFile && strength.equals(other.strength);
    }
  }

  /**
   * A checkpoint that was combined with the base.
   *
   * @param model the checkpoint, with its strength
   * @param minus what it was a change from; empty for the base
   */
  public record Mixed(Input model, Optional<Input> minus) {
    /** The files: the model, then what it is a change from. */
    public Stream<Input> inputs() {
      return Stream.concat(Stream.of(model), minus.stream());
    }
  }

  /** Copies the lists. */
  public Provenance {
    mix = List.copyOf(mix);
    loras = List.copyOf(loras);
  }

  /** A merge without further checkpoints. */
  public Provenance(
      String version,
      Optional<Input> base,
      List<Input> loras,
      MergeOptions options,
      Optional<Input> vae,
      boolean fixedPositions,
      Optional<Method> method) {
    this(version, base, List.of(), loras, options, vae, fixedPositions, method);
  }

  /** Every input: base, further checkpoints, LoRAs, VAE. */
  public List<Input> inputs() {
    return Stream.of(
            base.stream(), mix.stream().flatMap(Mixed::inputs), loras.stream(), vae.stream())
        .flatMap(part -> part)
        .toList();
  }

  /** The merge that it tells of; {@code find} says what to take for each input. */
  public MergeRequest request(Function<Input, InputRequest> find) {
    return new MergeRequest(
        base.map(find),
        mix.stream()
            .map(mixed ->
                new MixRequest(
                    find.apply(mixed.model()),
                    mixed.minus().map(find),
                    mixed.model().strength().orElse(Strength.FULL)))
            .toList(),
        loras.stream()
            .map(lora -> new LoraRequest(find.apply(lora), lora.strength().orElse(Strength.FULL)))
            .toList(),
        vae.map(find),
        fixedPositions,
        options,
        method.orElseGet(
            () -> base.isPresent() ? MixMethods.LIST.standard() : LoraMethods.standard()),
        false);
  }

  /**
   * Whether a merge noted as {@code other} has the same result: made by the same version of the
   * same files, with the same ratios, weights and options. Files are the same if their hashes are;
   * where one is not known, if name, size and header are.
   */
  public boolean isSameMerge(Provenance other) {
    return version.equals(other.version)
        && options.equals(other.options)
        && fixedPositions == other.fixedPositions
        && method.equals(other.method)
        && mix.stream()
            .map(mixed -> mixed.minus().isPresent())
            .toList()
            .equals(other.mix.stream().map(mixed -> mixed.minus().isPresent()).toList())
        && base.isPresent() == other.base.isPresent()
        && vae.isPresent() == other.vae.isPresent()
        && mix.size() == other.mix.size()
        && areSame(inputs(), other.inputs());
  }

  private static boolean areSame(List<Input> ours, List<Input> others) {
    return ours.size() == others.size()
        && IntStream.range(0, ours.size()).allMatch(i -> ours.get(i).isSame(others.get(i)));
  }

  /** One JSON object on one line. */
  public String toJson() {
    return ProvenanceWriter.toJson(this);
  }

  /**
   * Reads what {@link #toJson} wrote, in this version or an earlier one. Keys that are unknown or
   * of the wrong type count as missing; names lose their folders, links what they should not hold.
   *
   * @return empty if it is no such JSON object, larger than 1 MiB, or names no input
   */
  public static Optional<Provenance> parse(String json) {
    return ProvenanceReader.parse(json);
  }
}
