package athanor.model.transformer;

import athanor.model.Component;
import athanor.model.block.Block;
import athanor.model.block.BlockScheme;
import athanor.model.naming.ComponentNames;
import athanor.model.table.Section;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What is known of the layout of one transformer architecture: its keys and shapes, its modules in
 * diffusers, its blocks, the text encoders beside it. A resource named after its id.
 *
 * @param scheme the scheme of its blocks
 * @param blocks the blocks that come several times
 * @param blockSection which block anything else belongs to
 * @param keys the keys of the denoiser
 * @param parts the modules of diffusers by what they are here
 * @param encoders the text encoders
 */
record TransformerTables(
    BlockScheme scheme,
    NumberedBlocks blocks,
    Section blockSection,
    KeyTable keys,
    Map<String, List<PartName>> parts,
    List<EncoderTable> encoders) {

  static TransformerTables read(String id) {
    Map<String, Section> sections =
        Section.read(TransformerTables.class, id + ".txt").stream()
            .collect(Collectors.toUnmodifiableMap(Section::name, Function.identity()));
    Section blockSection = section(sections, "blocks");
    BlockScheme scheme = BlockScheme.named(blockSection.text("scheme"));
    NumberedBlocks blocks = NumberedBlocks.of(blockSection);
    Section names = section(sections, "names");
    return new TransformerTables(
        scheme,
        blocks,
        blockSection,
        new KeyTable(section(sections, "keys"), blocks),
        names.keys().stream()
            .map(diffusers -> PartName.parse(diffusers, names.words(diffusers)))
            .collect(Collectors.groupingBy(PartName::original)),
        sections.keySet().stream()
            .filter(name -> name.startsWith("encoder "))
            .sorted()
            .map(name -> encoder(sections, scheme, name.substring("encoder ".length())))
            .toList());
  }

  private static Section section(Map<String, Section> sections, String name) {
    return Objects.requireNonNull(sections.get(name), name);
  }

  private static EncoderTable encoder(
      Map<String, Section> sections, BlockScheme scheme, String name) {
    Section section = section(sections, "encoder " + name);
    return new EncoderTable(
        ComponentNames.of(name),
        Component.valueOf(section.text("component")),
        scheme.block(section.text("block")),
        new KeyTable(section(sections, "keys " + name), NumberedBlocks.of(section)));
  }

  /** The modules of diffusers that a module is, or that are parts of it. */
  List<PartName> partsOf(String module) {
    return parts.getOrDefault(blocks.pattern(module), List.of());
  }

  /** The block that block weights address a module by. */
  Block blockOf(String module) {
    Optional<Block> numbered =
        blocks
            .of(module)
            .findFirst()
            .flatMap(group -> numbered(group.stem(), group.numberIn(module)));
    return numbered
        .or(() ->
            blockSection.all("begins").stream()
                .map(line -> line.split("\\s+"))
                .filter(words -> module.startsWith(words[0]))
                .findFirst()
                .map(words -> scheme.block(words[1])))
        .orElseGet(() -> scheme.block(blockSection.text("else")));
  }

  private Optional<Block> numbered(String stem, OptionalInt number) {
    return scheme.find(String.format(Locale.ROOT, "%s%02d", stem, number.orElseThrow()));
  }
}
