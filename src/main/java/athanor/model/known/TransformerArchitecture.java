package athanor.model.known;

import athanor.model.Architecture;
import athanor.model.ArchitectureFacts;
import athanor.model.Layout;
import java.util.Optional;
import java.util.function.BiFunction;

/** A transformer architecture: what is known by name, and its layout where a room has one. */
final class TransformerArchitecture implements Architecture {
  private final ArchitectureFacts facts;
  private final Optional<Layout> layout;

  TransformerArchitecture(
      ArchitectureFacts facts, BiFunction<Architecture, String, Layout> layout) {
    this.facts = facts;
    this.layout = facts.table().map(table -> layout.apply(this, table));
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
