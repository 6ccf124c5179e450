package athanor.model.transformer;

import athanor.model.Component;
import athanor.model.block.Block;
import athanor.model.block.BlockScheme;
import athanor.model.naming.ComponentNames;
import athanor.model.table.KeyList;
import athanor.model.table.Section;
import java.util.List;
import java.util.Optional;

/**
 * A text encoder that files may hold beside a transformer, with the names of Hugging Face: sections
 * {@code [encoder NAME]} and {@code [modules NAME]} of the table {@code encoders.txt}.
 *
 * @param names what its names begin with
 * @param component which encoder it is
 * @param block what block weights call it
 * @param modules its modules
 * @param repeats how many layers it has
 */
record EncoderTable(
    ComponentNames names, Component component, Block block, ModuleTable modules, Repeats repeats) {
  private static final Sections TABLE = Sections.read("encoders.txt");

  /** What language models have before the names of their modules, and trainers leave out. */
  private static final String MODEL = "model.";

  /** What schemes that have no slot for an encoder's kind call any. */
  private static final String ANY = "TE";

  static EncoderTable of(String name, BlockScheme scheme) {
    Section encoder = TABLE.section("encoder " + name);
    Section modules = TABLE.section("modules " + encoder.text("modules"));
    var sizes = new Sizes(modules);
    return new EncoderTable(
        ComponentNames.of(name),
        Component.valueOf(encoder.text("component")),
        scheme.find(encoder.text("block")).orElseGet(() -> scheme.block(ANY)),
        ModuleTable.of(modules, sizes),
        Repeats.of(modules, sizes));
  }

  /** What its keys begin with. */
  String prefix() {
    return names.checkpoint().getFirst();
  }

  /** Appends its tensors to {@code keys}. */
  void list(KeyList keys) {
    NameTable.original(modules)
        .tensors(modules.names(repeats.complete(), List.of()))
        .forEach(tensor -> tensor.list(prefix(), keys));
  }

  /** The name of a module without what trainers leave out; empty if they leave out nothing. */
  static Optional<String> shortened(String module) {
    return module.startsWith(MODEL)
        ? Optional.of(module.substring(MODEL.length()))
        : Optional.empty();
  }
}
