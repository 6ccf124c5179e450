package athanor.model.sd;

import athanor.model.Architecture;
import athanor.model.ArchitectureFacts;
import athanor.model.ArchitectureFamily;
import athanor.model.LoraArchitecture;
import athanor.model.LoraModules;
import athanor.model.Recognition;
import athanor.model.naming.ComponentNames;
import athanor.model.sd.UnetFinder.Dimensions;
import athanor.model.table.KeySet;
import athanor.model.table.Section;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The architectures with a latent-diffusion UNet: SD 1.x, SD 2.x, SDXL, its refiner and its
 * distilled variants; video and upscaling models of that kind are recognised.
 */
public final class UnetFamily implements ArchitectureFamily {
  private static final String STACKED_FRAMES = ".time_stack.";

  private final List<UnetArchitecture> architectures;
  private final List<UnetLayout> layouts;
  private final UnetLoraEvidence evidence;

  private UnetFamily(List<UnetArchitecture> architectures) {
    this.architectures = architectures;
    this.layouts =
        UnetPlan.ALL.stream()
            .map(plan -> (UnetLayout) known(plan.id()).layout().orElseThrow())
            .toList();
    this.evidence = new UnetLoraEvidence(this::known);
  }

  /** The family, read from its tables. */
  public static UnetFamily create() {
    return new UnetFamily(
        Section.read(UnetFamily.class, "architectures.txt").stream()
            .map(section -> new UnetArchitecture(new ArchitectureFacts(section)))
            .toList());
  }

  private UnetArchitecture known(String id) {
    return architectures.stream().filter(one -> one.id().equals(id)).findFirst().orElseThrow();
  }

  @Override
  public List<Architecture> architectures() {
    return List.copyOf(architectures);
  }

  @Override
  public Optional<Recognition> recognize(KeySet keys) {
    return UnetFinder.prefix(keys).map(prefix -> recognize(keys, prefix));
  }

  private Recognition recognize(KeySet keys, String prefix) {
    if (keys.any(key -> key.startsWith(prefix) && key.contains(STACKED_FRAMES))) {
      return new Recognition.Unsupported(known("stable-video"), "temporal layers");
    }
    Dimensions found = UnetFinder.dimensions(keys, prefix);
    if (found.channels() == 256 && found.context() == 1024) {
      return new Recognition.Unsupported(known("sd-x4-upscaler"), "256 channels");
    }
    List<UnetLayout> candidates =
        layouts.stream()
            .filter(layout -> layout.plan().context() == found.context())
            .filter(layout -> found.channels() < 0 || layout.plan().channels() == found.channels())
            .toList();
    if (candidates.isEmpty()) {
      return new Recognition.Unknown(
          "a latent-diffusion UNet with "
              + (found.context() < 0 ? "no cross-attention" : "context width " + found.context())
              + (found.channels() < 0 ? "" : " and " + found.channels() + " channels"));
    }
    return new Recognition.Checkpoint(nearest(keys, prefix, found, candidates).model());
  }

  private static CheckpointSurvey nearest(
      KeySet keys, String prefix, Dimensions found, List<UnetLayout> candidates) {
    int inFile = keys.count(key -> UnetFinder.isUnetKey(key, prefix));
    UnetLayout nearest = candidates.getFirst();
    PlannedUnet best = PlannedUnet.of(nearest.plan(), keys, prefix, inFile);
    for (UnetLayout layout : candidates.subList(1, candidates.size())) {
      if (best.difference() == 0) {
        break;
      }
      PlannedUnet other = PlannedUnet.of(layout.plan(), keys, prefix, inFile);
      if (other.difference() < best.difference()) {
        nearest = layout;
        best = other;
      }
    }
    return new CheckpointSurvey(nearest.architecture(), keys, prefix, best, found);
  }

  @Override
  public Optional<Map<String, String>> plainKeys(KeySet keys) {
    return DiffusersUnet.plainKeys(keys, ComponentNames.of("denoiser").checkpoint().getFirst());
  }

  @Override
  public Optional<LoraArchitecture> madeFor(LoraModules modules) {
    return evidence.of(modules);
  }
}
