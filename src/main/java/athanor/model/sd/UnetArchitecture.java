package athanor.model.sd;

import athanor.model.Architecture;
import athanor.model.ArchitectureFacts;
import athanor.model.Layout;
import java.util.Optional;

/**
 * An architecture with a latent-diffusion UNet: what is known by name, and its layout if it has
 * one.
 */
final class UnetArchitecture implements Architecture {
  private final ArchitectureFacts facts;
  private final Optional<Layout> layout;

  UnetArchitecture(ArchitectureFacts facts) {
    this.facts = facts;
    this.layout =
        UnetPlan.ALL.stream()
            .filter(plan -> plan.id().equals(facts.id()))
            .findFirst()
            .map(plan -> new UnetLayout(this, plan));
  }

  @Override
  public ArchitectureFacts facts() {
    return facts;
  }

  @Override
  public Optional<Layout> layout() {
    return layout;
  }

  @Override
  public String toString() {
    return id();
  }
}
