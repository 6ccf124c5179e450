package athanor.model.known;

import athanor.model.Architecture;
import athanor.model.ArchitectureFacts;
import athanor.model.ArchitectureFamily;
import athanor.model.Layout;
import athanor.model.LoraArchitecture;
import athanor.model.LoraModules;
import athanor.model.LoraModules.Module;
import athanor.model.Recognition;
import athanor.model.naming.ComponentNames;
import athanor.model.table.KeySet;
import athanor.model.table.Section;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * The transformer architectures, told apart by two ordered lists: keys of checkpoints and modules
 * of LoRAs. They can be merged where a room gives a layout; the others are recognised so that they
 * can be refused by name.
 */
public final class TransformerFamily implements ArchitectureFamily {
  private static final List<String> PREFIXES = ComponentNames.of("denoiser").checkpoint();
  private static final List<TransformerSignature> SIGNATURES =
      Section.lines(TransformerFamily.class, "signatures.txt").stream()
          .map(TransformerSignature::parse)
          .toList();
  private static final List<TransformerLoraRule> LORA_RULES =
      Section.lines(TransformerFamily.class, "lora-rules.txt").stream()
          .map(TransformerLoraRule::parse)
          .toList();

  private final List<TransformerArchitecture> architectures;

  private TransformerFamily(List<TransformerArchitecture> architectures) {
    this.architectures = architectures;
  }

  /**
   * The family, read from its tables.
   *
   * @param layout of an architecture, from the table that its facts name
   */
  public static TransformerFamily of(BiFunction<Architecture, String, Layout> layout) {
    return new TransformerFamily(
        Section.read(TransformerFamily.class, "architectures.txt").stream()
            .map(section -> new TransformerArchitecture(new ArchitectureFacts(section), layout))
            .toList());
  }

  private Architecture known(String id) {
    return architectures.stream().filter(one -> one.id().equals(id)).findFirst().orElseThrow();
  }

  @Override
  public List<Architecture> architectures() {
    return List.copyOf(architectures);
  }

  @Override
  public Optional<Recognition> recognize(KeySet keys) {
    for (String prefix : PREFIXES) {
      for (TransformerSignature signature : SIGNATURES) {
        if (signature.holds(keys, prefix)) {
          return Optional.of(recognition(keys, prefix, signature));
        }
      }
    }
    return Optional.empty();
  }

  private Recognition recognition(KeySet keys, String prefix, TransformerSignature signature) {
    Architecture architecture = known(signature.architecture());
    return architecture
        .layout()
        .<Recognition>map(layout -> new Recognition.Checkpoint(layout.read(keys, prefix)))
        .orElseGet(() -> new Recognition.Unsupported(architecture, prefix + signature.key()));
  }

  @Override
  public Optional<LoraArchitecture> madeFor(LoraModules modules) {
    for (TransformerLoraRule rule : LORA_RULES) {
      for (Module module : modules.denoiser()) {
        if (rule.test(module)) {
          String size = module.in() > 0 ? " with " + module.in() + " inputs" : "";
          return Optional.of(
              new LoraArchitecture.Certain(
                  known(rule.architecture()), "it has the module " + module.written() + size));
        }
      }
    }
    return Optional.empty();
  }
}
