package athanor.model;

import athanor.model.naming.ModulePrefixes;
import athanor.model.naming.ModuleScope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The modules of a LoRA, sorted by component, with their names stripped of prefixes and flattened
 * so that every dialect reads alike.
 *
 * @param denoiser modules of the UNet or transformer
 * @param texts modules of text encoders
 */
public record LoraModules(List<Module> denoiser, List<TextModule> texts) {
  /**
   * A module of the denoiser.
   *
   * @param written the name in the file
   * @param name without prefix, dots as underscores
   * @param in inputs, 0 when unknown
   * @param out outputs, 0 when unknown
   */
  public record Module(String written, String name, long in, long out) {}

  /**
   * A module of a text encoder.
   *
   * @param written the name in the file
   * @param encoder kohya's prefix of the encoder, or {@code text_encoder.} where it has no number
   * @param in inputs, 0 when unknown
   */
  public record TextModule(String written, String encoder, long in) {
    /** Whether its name is one of T5's. */
    public boolean isT5() {
      return written.contains("DenseReluDense") || written.contains("SelfAttention");
    }

    /** The largest width that the modules tell; 0 when none does. */
    public static int widest(List<TextModule> modules) {
      return (int) modules.stream().mapToLong(TextModule::width).max().orElse(0);
    }

    /** The width of the encoder as this module tells it; 0 when it does not. */
    public long width() {
      boolean narrow = written.endsWith("fc2") || isT5();
      return narrow || written.contains("embedding") ? 0 : in;
    }
  }

  static LoraModules of(Collection<ModuleDims> modules) {
    var denoiser = new ArrayList<Module>();
    var texts = new ArrayList<TextModule>();
    for (ModuleDims dims : modules) {
      String name = ModulePrefixes.unwrapped(dims.module());
      Optional<String> encoder = ModulePrefixes.textEncoder(name);
      if (encoder.isEmpty()) {
        String core = ModuleScope.flatten(ModulePrefixes.bare(name));
        denoiser.add(new Module(dims.module(), core, dims.in(), dims.out()));
      } else {
        texts.add(new TextModule(dims.module(), encoder.get(), dims.in()));
      }
    }
    return new LoraModules(denoiser, texts);
  }

  /** Whether it has a module of the encoder with this prefix of kohya's. */
  public boolean hasEncoder(String prefix) {
    return texts.stream().anyMatch(text -> text.encoder().equals(prefix));
  }
}
