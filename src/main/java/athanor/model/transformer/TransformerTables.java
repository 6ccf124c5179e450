package athanor.model.transformer;

import athanor.model.block.Block;
import athanor.model.block.BlockScheme;
import athanor.model.table.Section;
import athanor.model.transformer.NumberedNames.Numbered;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What is known of the layouts of one transformer architecture: its modules and shapes, their names
 * in other layouts and of trainers, its blocks, the text encoders beside it. A resource, which
 * architectures that differ in sizes only have in common.
 *
 * @param sizes what tells it from the others of the table
 * @param scheme the scheme of its blocks
 * @param repeats the blocks that come several times
 * @param blockSection which block anything else belongs to
 * @param modules the modules of the denoiser, in the layout of those who published it
 * @param layouts the layouts that files have, the original first
 * @param spellings more names that LoRAs have
 * @param encoders the text encoders
 */
record TransformerTables(
    Sizes sizes,
    BlockScheme scheme,
    Repeats repeats,
    Section blockSection,
    ModuleTable modules,
    List<NameTable> layouts,
    Optional<NameTable> spellings,
    List<EncoderTable> encoders) {
  /** The layout that diffusers and PEFT name modules by. */
  static final String DIFFUSERS = "diffusers";

  /** The layout of ComfyUI's files where it is neither the original nor that of diffusers. */
  private static final String COMFY = "comfyui";

  /**
   * Reads the tables of an architecture.
   *
   * @param table the resource, without its ending
   * @param id of the architecture
   */
  static TransformerTables read(String table, String id) {
    Sections sections = Sections.read(table + ".txt");
    var sizes = new Sizes(sections.section("sizes " + id));
    Section blockSection = sections.section("blocks");
    BlockScheme scheme = sizes.scheme();
    ModuleTable modules = ModuleTable.of(sections.section("modules"), sizes);
    List<NameTable> layouts = new ArrayList<>(List.of(NameTable.original(modules)));
    for (String name : sections.behind("layout")) {
      layouts.add(NameTable.layout(name, sections.section("layout " + name), modules, sizes));
    }
    return new TransformerTables(
        sizes,
        scheme,
        Repeats.of(blockSection, sizes),
        blockSection,
        modules,
        List.copyOf(layouts),
        sections.find("spellings").map(more -> NameTable.spellings(more, modules, sizes)),
        sizes.encoders().stream().map(name -> EncoderTable.of(name, scheme)).toList());
  }

  /** The layout of those who published the model. */
  NameTable original() {
    return layouts.getFirst();
  }

  /** The layout of this name. */
  Optional<NameTable> layout(String name) {
    return layouts.stream().filter(layout -> layout.name().equals(name)).findFirst();
  }

  /** The layout whose names kohya's trainers write. */
  NameTable kohya() {
    return sizes.kohyaLayout().flatMap(this::layout).orElseGet(this::original);
  }

  /** The layout whose names diffusers and PEFT write: the original where there is no other. */
  NameTable diffusers() {
    return layout(DIFFUSERS).orElseGet(this::original);
  }

  /** The layout of the files that ComfyUI reads. */
  NameTable comfy() {
    return layout(COMFY).orElseGet(this::original);
  }

  /** The layout whose names ai-toolkit writes; empty if that is not known. */
  Optional<NameTable> aiToolkit() {
    return sizes.aiToolkitLayout().flatMap(this::layout);
  }

  /** The block that block weights address a module by. */
  Block blockOf(String module) {
    Numbered split = modules.numbers().split(module);
    Optional<Block> numbered =
        split.number().isPresent()
            ? scheme.find(
                String.format(
                    Locale.ROOT, "%s%02d", repeats.stem(split.start()), split.number().getAsInt()))
            : Optional.empty();
    return numbered
        .or(() ->
            blockSection.all("begins").stream()
                .map(line -> line.split("\\s+"))
                .filter(words -> module.startsWith(words[0]))
                .findFirst()
                .map(words -> scheme.block(words[1])))
        .orElseGet(() -> scheme.block(blockSection.text("else")));
  }
}
