package athanor.model.vae;

import athanor.model.table.KeyList;
import athanor.tensor.TensorInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The names of the autoencoder's tensors in files of their own: those of latent diffusion, which
 * checkpoints use behind {@code first_stage_model.}, and those of diffusers, whose attention was
 * renamed in version 0.15. Names are relative to the autoencoder. Source: {@code
 * convert_ldm_vae_checkpoint} of diffusers.
 */
final class VaeNames {
  /** Parts of names, latent diffusion to diffusers; each name is changed by all that occur. */
  private static final List<Renaming> PARTS =
      List.of(
          new Renaming("encoder.down.", "encoder.down_blocks."),
          new Renaming("decoder.up.0.", "decoder.up_blocks.3."),
          new Renaming("decoder.up.1.", "decoder.up_blocks.2."),
          new Renaming("decoder.up.2.", "decoder.up_blocks.1."),
          new Renaming("decoder.up.3.", "decoder.up_blocks.0."),
          new Renaming(".block.", ".resnets."),
          new Renaming(".downsample.", ".downsamplers.0."),
          new Renaming(".upsample.", ".upsamplers.0."),
          new Renaming(".mid.block_1.", ".mid_block.resnets.0."),
          new Renaming(".mid.block_2.", ".mid_block.resnets.1."),
          new Renaming(".mid.attn_1.norm.", ".mid_block.attentions.0.group_norm."),
          new Renaming(".mid.attn_1.q.", ".mid_block.attentions.0.to_q."),
          new Renaming(".mid.attn_1.k.", ".mid_block.attentions.0.to_k."),
          new Renaming(".mid.attn_1.v.", ".mid_block.attentions.0.to_v."),
          new Renaming(".mid.attn_1.proj_out.", ".mid_block.attentions.0.to_out.0."),
          new Renaming(".nin_shortcut.", ".conv_shortcut."),
          new Renaming("coder.norm_out.", "coder.conv_norm_out."));

  /** Diffusers since 0.15 to diffusers before. */
  private static final List<Renaming> OLD_ATTENTION =
      List.of(
          new Renaming(".attentions.0.to_q.", ".attentions.0.query."),
          new Renaming(".attentions.0.to_k.", ".attentions.0.key."),
          new Renaming(".attentions.0.to_v.", ".attentions.0.value."),
          new Renaming(".attentions.0.to_out.0.", ".attentions.0.proj_attn."));

  private final Map<String, TensorInfo> places = LinkedHashMap.newLinkedHashMap(256);
  private final Map<String, TensorInfo> byAnyName = LinkedHashMap.newLinkedHashMap(512);

  private VaeNames(int channels) {
    var keys = new KeyList();
    VaeKeys.list("", channels, keys);
    for (TensorInfo place : keys.tensors()) {
      places.put(place.key(), place);
      byAnyName.put(place.key(), place);
      byAnyName.put(diffusers(place.key()), place);
      byAnyName.put(oldDiffusers(place.key()), place);
    }
  }

  private record Renaming(String from, String to) {
    static String all(List<Renaming> table, String name) {
      for (Renaming renaming : table) {
        name = name.replace(renaming.from, renaming.to);
      }
      return name;
    }
  }

  /** All names of the shared autoencoder of SD 1.x, SD 2.x and SDXL. */
  static VaeNames create() {
    return of(VaeKeys.USUAL_CHANNELS);
  }

  /** All names of the kind of autoencoder that has so many latent channels. */
  static VaeNames of(int channels) {
    return new VaeNames(channels);
  }

  /** The name in diffusers. */
  static String diffusers(String name) {
    return Renaming.all(PARTS, name);
  }

  /** The name in diffusers before 0.15. */
  static String oldDiffusers(String name) {
    return Renaming.all(OLD_ATTENTION, diffusers(name));
  }

  /** The tensors by their names in latent diffusion. */
  Map<String, TensorInfo> places() {
    return places;
  }

  /** The tensor that has this name in any spelling. */
  Optional<TensorInfo> place(String name) {
    return Optional.ofNullable(byAnyName.get(name));
  }
}
