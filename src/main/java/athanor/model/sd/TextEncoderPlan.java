package athanor.model.sd;

import athanor.model.Component;
import athanor.model.naming.ComponentNames;
import athanor.model.table.KeyList;
import athanor.model.table.KeySet;
import athanor.model.table.Section;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The dimensions of a CLIP text encoder, from which all its keys and shapes follow, and its names:
 * a section of the table {@code encoders.txt}.
 *
 * @param component which encoder of the checkpoint this is
 * @param names what its names begin with
 * @param layout spelling of the keys
 * @param layers transformer layers that a file has
 * @param width of the hidden state; the inner layer of each MLP is four times as wide
 * @param unused the layer that no program reads
 */
record TextEncoderPlan(
    Component component,
    ComponentNames names,
    TextEncoderLayout layout,
    int layers,
    int width,
    OptionalInt unused) {
  private static final int VOCABULARY = 49408;
  private static final int TOKENS = 77;

  private static final List<Section> TABLE = Section.read(TextEncoderPlan.class, "encoders.txt");

  /** The encoder of this name in the table. */
  static TextEncoderPlan named(String name) {
    Section section =
        TABLE.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
    return new TextEncoderPlan(
        Component.valueOf(section.text("component")),
        ComponentNames.of(name),
        section.text("layout").equals("open-clip")
            ? TextEncoderLayout.OPEN_CLIP
            : TextEncoderLayout.HUGGING_FACE,
        section.number("layers"),
        section.number("width"),
        section.find("unused").stream().mapToInt(Integer::parseInt).findFirst());
  }

  /** This encoder as a file has it that uses the usual prefix and layout. */
  TextEncoder usual() {
    boolean openClip = layout == TextEncoderLayout.OPEN_CLIP;
    String root = names.checkpoint().getFirst();
    String body = root + (openClip ? "model." : "transformer.text_model.");
    return new TextEncoder(component, names, root, layout, body);
  }

  /** This encoder as a file has it; empty when it does not. */
  Optional<TextEncoder> find(KeySet keys) {
    for (String root : names.checkpoint()) {
      if (keys.anyStartsWith(root + "transformer.text_model.")) {
        String body = root + "transformer.text_model.";
        return Optional.of(
            new TextEncoder(component, names, root, TextEncoderLayout.HUGGING_FACE, body));
      }
      if (keys.anyStartsWith(root + "transformer.encoder.layers.")) {
        String body = root + "transformer.";
        return Optional.of(
            new TextEncoder(component, names, root, TextEncoderLayout.HUGGING_FACE, body));
      }
      if (keys.anyStartsWith(root + "model.transformer.resblocks.")) {
        String body = root + "model.";
        return Optional.of(
            new TextEncoder(component, names, root, TextEncoderLayout.OPEN_CLIP, body));
      }
    }
    return Optional.empty();
  }

  /** Appends the tensors of this encoder, as {@code stored}, to {@code keys}. */
  void list(TextEncoder stored, KeyList keys) {
    switch (stored.layout()) {
      case HUGGING_FACE -> listHuggingFace(stored.body(), keys);
      case OPEN_CLIP -> listOpenClip(stored.body(), keys);
    }
  }

  private void listHuggingFace(String body, KeyList keys) {
    keys.tensor(body + "embeddings.position_embedding.weight", TOKENS, width);
    keys.integers(body + "embeddings.position_ids", 1, TOKENS);
    keys.tensor(body + "embeddings.token_embedding.weight", VOCABULARY, width);
    for (int n = 0; n < layers; n++) {
      String layer = body + "encoder.layers." + n;
      keys.norm(layer + ".layer_norm1", width);
      keys.norm(layer + ".layer_norm2", width);
      keys.linear(layer + ".mlp.fc1", 4L * width, width);
      keys.linear(layer + ".mlp.fc2", width, 4L * width);
      keys.linear(layer + ".self_attn.k_proj", width, width);
      keys.linear(layer + ".self_attn.out_proj", width, width);
      keys.linear(layer + ".self_attn.q_proj", width, width);
      keys.linear(layer + ".self_attn.v_proj", width, width);
    }
    keys.norm(body + "final_layer_norm", width);
  }

  private void listOpenClip(String body, KeyList keys) {
    keys.norm(body + "ln_final", width);
    keys.tensor(body + "logit_scale");
    keys.tensor(body + "positional_embedding", TOKENS, width);
    keys.tensor(body + "text_projection", width, width);
    keys.tensor(body + "token_embedding.weight", VOCABULARY, width);
    for (int n = 0; n < layers; n++) {
      String layer = body + "transformer.resblocks." + n;
      keys.tensor(layer + ".attn.in_proj_bias", 3L * width);
      keys.tensor(layer + ".attn.in_proj_weight", 3L * width, width);
      keys.linear(layer + ".attn.out_proj", width, width);
      keys.norm(layer + ".ln_1", width);
      keys.norm(layer + ".ln_2", width);
      keys.linear(layer + ".mlp.c_fc", 4L * width, width);
      keys.linear(layer + ".mlp.c_proj", width, 4L * width);
    }
  }
}
