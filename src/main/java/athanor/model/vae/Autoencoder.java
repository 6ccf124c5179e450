package athanor.model.vae;

import athanor.error.Problem;
import athanor.model.Architecture;
import athanor.model.Architectures;
import athanor.model.CheckpointModel;
import athanor.model.Recognition;
import athanor.model.naming.ComponentNames;
import athanor.model.naming.UnwrappedKeys;
import athanor.model.table.KeySet;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The autoencoder (VAE) that a file holds, complete and of the kind that a checkpoint needs: 248
 * tensors and 4 latent channels for SD 1.x, SD 2.x and SDXL, 244 and 16 for SD 3, FLUX.1 and
 * others. Shapes cannot tell the VAEs of one kind apart; only a whole checkpoint says which it is.
 * Immutable.
 *
 * @param tensors each tensor of the file under the key that it has in a checkpoint, in the order of
 *     the file
 * @param checkpoint the architecture of the checkpoint that it is part of; empty for a file of its
 *     own
 * @param naming whose names the file uses
 */
public record Autoencoder(
    Map<String, Tensor> tensors, Optional<Architecture> checkpoint, Naming naming) {
  private static final List<String> PREFIXES = ComponentNames.of("vae").checkpoint();
  private static final String PREFIX = PREFIXES.getFirst();
  private static final Set<String> PARTS =
      Set.of("encoder", "decoder", "quant_conv", "post_quant_conv");

  /**
   * One tensor.
   *
   * @param stored as it is in the file
   * @param placed as it is in a checkpoint: the same values and type; attention weights that
   *     diffusers stores as {@code [512, 512]} are {@code [512, 512, 1, 1]} here
   */
  public record Tensor(TensorInfo stored, TensorInfo placed) {}

  /** Whose names a file uses. */
  public enum Naming {
    /** The names in checkpoints. */
    ORIGINAL("original names"),
    /** The names of the diffusers library. */
    DIFFUSERS("diffusers names");

    private final String label;

    Naming(String label) {
      this.label = label;
    }

    /** What to call it in a sentence. */
    public String label() {
      return label;
    }
  }

  /** What the key of every VAE tensor of a checkpoint begins with. */
  public static String prefix() {
    return PREFIX;
  }

  /**
   * Finds the autoencoder of a file: of its own, with original or diffusers names, also behind
   * {@code first_stage_model.} or {@code vae.}, or as a part of a checkpoint. What training leaves
   * beside it ({@code loss.}, {@code model_ema.}) is passed over.
   *
   * @param channels the latent channels that it must have
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if there is none, saying what the
   *     file is instead; if it has another number of latent channels, another shape, or parts that
   *     this kind does not have; or if it is incomplete
   */
  public static Autoencoder of(StateDict file, int channels) {
    UnwrappedKeys unwrapped = UnwrappedKeys.of(file.tensors());
    KeySet keys = unwrapped.plain();
    String prefix = prefix(keys).orElseThrow(() -> none(file, channels).toException());
    requireLatentChannels(file, keys, prefix, channels);
    VaeNames names = VaeNames.of(channels);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    boolean original = true;
    for (TensorInfo tensor : file.tensors()) {
      String key = unwrapped.plain(tensor.key());
      if (isPart(key, prefix)) {
        String name = key.substring(prefix.length());
        TensorInfo place = place(file, tensor, names.place(name));
        original &= names.places().containsKey(name);
        if (tensors.put(place.key(), new Tensor(tensor, place)) != null) {
          throw other(file, tensor, "this VAE has a tensor twice, under two names").toException();
        }
      }
    }
    requireComplete(file, names, tensors);
    return new Autoencoder(
        tensors,
        Recognition.of(file.tensors()) instanceof Recognition.Checkpoint(CheckpointModel model)
            ? Optional.of(model.architecture())
            : Optional.empty(),
        original ? Naming.ORIGINAL : Naming.DIFFUSERS);
  }

  /** The architectures whose autoencoder this kind is. */
  private static String withVae(int channels, String conjunction) {
    return Architectures.listed(
        one -> one.facts().vae().isPresent() && one.facts().vaeChannels() == channels, conjunction);
  }

  /**
   * The architecture that the name of a file claims, where the name says whose VAE it is; shapes
   * cannot tell.
   *
   * @param fileName its name; letter case does not matter
   */
  public static Optional<Architecture> claimedBy(String fileName) {
    String lower = fileName.toLowerCase(Locale.ROOT);
    return Architectures.all().stream()
        .filter(one -> one.facts().vaeWord().filter(lower::contains).isPresent())
        .findFirst();
  }

  private static Optional<String> prefix(KeySet keys) {
    return PREFIXES.stream()
        .filter(prefix ->
            keys.has(prefix + "decoder.conv_in.weight")
                || keys.has(prefix + "encoder.conv_in.weight"))
        .findFirst();
  }

  private static boolean isPart(String key, String prefix) {
    int dot = key.indexOf('.', prefix.length());
    return dot > 0 && key.startsWith(prefix) && PARTS.contains(key.substring(prefix.length(), dot));
  }

  private static Problem none(StateDict file, int channels) {
    Problem problem =
        Problem.incompatible("this file was given as a VAE, but there is none in it")
            .at(file.name())
            .expected("the VAE of " + withVae(channels, "or") + ", or a checkpoint that has one")
            .help("leave out --vae to keep the VAE of the base");
    return switch (Recognition.of(file.tensors())) {
      case Recognition.Checkpoint(CheckpointModel model) ->
          problem.found("a checkpoint: " + model.description());
      case Recognition.Unsupported unsupported ->
          problem.found("a checkpoint: " + unsupported.architecture().label());
      case Recognition.Quantised quantised -> problem.found(quantised.what());
      case Recognition.NotACheckpoint other -> problem.found(other.what());
      case Recognition.Unknown unknown -> problem.found(unknown.looksLike());
    };
  }

  private static void requireLatentChannels(
      StateDict file, KeySet keys, String prefix, int wanted) {
    String key = prefix + "decoder.conv_in.weight";
    long channels = keys.dim(key, 1);
    if (channels < 0 || channels == wanted) {
      return;
    }
    Problem problem =
        Problem.incompatible("this VAE is of another kind of model")
            .at(file.name() + ", " + key)
            .found(channels + " latent channels" + owner(channels))
            .expected(wanted + ", as in " + withVae(wanted, "and"));
    throw problem.help("use a VAE made for the base").toException();
  }

  private static String owner(long channels) {
    return channels == 16 ? " (SD 3, FLUX.1 and others)" : channels == 4 ? " (SD, SDXL)" : "";
  }

  /** The tensor as it is in a checkpoint. */
  private static TensorInfo place(StateDict file, TensorInfo tensor, Optional<TensorInfo> place) {
    if (place.isEmpty()) {
      throw other(file, tensor, "this VAE has a part that those of this kind do not have")
          .found("a tensor " + tensor.shape())
          .toException();
    }
    Shape shape = place.get().shape();
    boolean sameShape =
        tensor.shape().equals(shape)
            || (place.get().key().contains(".attn_1.")
                && tensor.shape().equals(withoutKernel(shape)));
    if (!sameShape) {
      throw other(file, tensor, "this VAE has another shape")
          .found(tensor.shape())
          .expected(shape)
          .toException();
    }
    if (!tensor.dtype().isArithmetic()) {
      throw other(file, tensor, "this VAE is stored in a type that no program reads as weights")
          .found("type " + tensor.dtype())
          .expected("F32, F16 or BF16")
          .toException();
    }
    return new TensorInfo(PREFIX + place.get().key(), tensor.dtype(), shape);
  }

  /** {@code [out, in, 1, 1]} as a matrix. */
  private static Shape withoutKernel(Shape shape) {
    return shape.rank() == 4 ? Shape.of(shape.dim(0), shape.dim(1)) : shape;
  }

  private static void requireComplete(StateDict file, VaeNames names, Map<String, Tensor> tensors) {
    List<String> missing = new ArrayList<>();
    for (String name : names.places().keySet()) {
      if (!tensors.containsKey(PREFIX + name)) {
        missing.add(name);
      }
    }
    if (!missing.isEmpty()) {
      throw Problem.incompatible("this VAE is incomplete")
          .at(file.name())
          .found(
              missing.size()
                  + " of its "
                  + names.places().size()
                  + " tensors are missing, for example "
                  + missing.getFirst())
          .help("use a complete VAE file, or a checkpoint that has one")
          .toException();
    }
  }

  private static Problem other(StateDict file, TensorInfo tensor, String what) {
    return Problem.incompatible(what)
        .at(file.name() + ", " + tensor.key())
        .help("use a VAE made for the base");
  }
}
