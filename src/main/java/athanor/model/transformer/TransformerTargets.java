package athanor.model.transformer;

import athanor.model.CheckpointModel;
import athanor.model.Component;
import athanor.model.FusedModule;
import athanor.model.Target;
import athanor.model.block.Block;
import athanor.model.naming.ComponentNames;
import athanor.model.naming.Dialect;
import athanor.model.naming.ModuleNames;
import athanor.model.naming.ModuleScope;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes the targets of a transformer, under the names that every layout and every trainer has for
 * them, whatever the layout of the file.
 */
final class TransformerTargets {
  private static final ComponentNames NAMING = ComponentNames.of("transformer");

  /** Before flattened names that kohya's trainers do not write. */
  private static final String FLAT_DIFFUSERS = NAMING.oneTrainer().orElseThrow();

  private final CheckpointModel model;
  private final TransformerTables tables;
  private final FilePieces pieces;
  private final Set<String> seen = new HashSet<>();
  private final Map<Rows, Named> single = new LinkedHashMap<>();
  private final Map<String, List<FilePieces.Part>> fused = new LinkedHashMap<>();

  /** A tensor's rows with the module that they belong to, and their names by layout. */
  private record Named(TensorInfo tensor, Rows rows, String module, List<Name> names) {
    Optional<String> in(String layout) {
      return names.stream()
          .filter(name -> name.layout().equals(layout))
          .map(Name::text)
          .findFirst();
    }
  }

  private record Name(String layout, String text) {}

  private TransformerTargets(CheckpointModel model, TransformerTables tables, FilePieces pieces) {
    this.model = model;
    this.tables = tables;
    this.pieces = pieces;
  }

  /** The modules of the denoiser. */
  static ModuleScope denoiser(CheckpointModel model, TransformerTables tables, FilePieces pieces) {
    var targets = new TransformerTargets(model, tables, pieces);
    for (String module : pieces.modules()) {
      targets.name(tables.original().name(), module, List.of(Segment.whole(module)), module);
      tables.layouts().stream().skip(1).forEach(layout -> targets.nameAs(layout, module));
      tables.spellings().ifPresent(more -> targets.nameAs(more, module));
    }
    return targets.scope();
  }

  private void nameAs(NameTable table, String module) {
    for (String name : table.namesOf(module)) {
      name(table.name(), name, table.find(name), module);
    }
  }

  /** Notes what a name means in this file; nothing if the file lacks some of it. */
  private void name(String layout, String name, List<Segment> segments, String module) {
    if (!seen.add(layout + " " + name)) {
      return;
    }
    List<FilePieces.Part> parts = pieces.find(segments);
    if (parts.size() == 1) {
      Rows rows = parts.getFirst().tensorRows();
      single
          .computeIfAbsent(
              rows, key -> new Named(parts.getFirst().tensor(), rows, module, new ArrayList<>()))
          .names()
          .add(new Name(layout, name));
    } else if (parts.size() > 1) {
      fused.putIfAbsent(name, parts);
    }
  }

  private ModuleScope scope() {
    var components = new ArrayList<>(NAMING.dotted());
    components.add(model.denoiserPrefix());
    var scope = new ModuleScope(NAMING.flat(), components);
    Map<Rows, Target> targets = new LinkedHashMap<>();
    single.forEach((rows, named) -> {
      Target target = target(named);
      targets.put(rows, target);
      named.names().forEach(name -> scope.add(name.text(), target));
    });
    fused.forEach((name, parts) ->
        scope.addFused(
            name,
            new FusedModule(
                parts.stream()
                    .map(part -> new FusedModule.Part(targetOf(part, targets), part.of()))
                    .toList())));
    return scope;
  }

  /** The target of a part; one that has no name of its own is named after its tensor. */
  private Target targetOf(FilePieces.Part part, Map<Rows, Target> targets) {
    Rows rows = part.tensorRows();
    Target known = targets.get(rows);
    if (known != null) {
      return known;
    }
    String module = model.storedKey(part.tensor().key()).substring(model.denoiserPrefix().length());
    return target(new Named(part.tensor(), rows, module, List.of(new Name("", module))));
  }

  private Target target(Named named) {
    Block block = tables.blockOf(named.module());
    TensorInfo tensor = named.tensor();
    long[] dims = tensor.shape().dims();
    if (dims.length > 0) {
      dims[0] = named.rows().count();
    }
    Target target =
        new Target(
            named.rows(),
            Shape.of(dims),
            false,
            bias(tensor, named.rows(), model),
            Component.TRANSFORMER,
            block,
            names(named));
    return plainInputs(named, tensor).map(target::withPlainInputs).orElse(target);
  }

  private ModuleNames names(Named named) {
    String any = named.names().getFirst().text();
    Optional<String> original =
        named.rows().isWhole() ? named.in(tables.original().name()) : Optional.empty();
    return ModuleNames.NONE
        .and(
            Dialect.KOHYA,
            named
                .in(tables.kohya().name())
                .or(() -> original)
                .map(name -> NAMING.kohya() + ModuleScope.flatten(name)),
            FLAT_DIFFUSERS + ModuleScope.flatten(any))
        .and(
            Dialect.DIFFUSERS,
            named.in(tables.diffusers().name()).map(name -> NAMING.diffusers() + name),
            NAMING.diffusers() + any)
        .and(
            Dialect.COMFY,
            named
                .in(tables.comfy().name())
                .flatMap(name -> NAMING.comfy().map(prefix -> prefix + name)))
        .and(
            Dialect.ONETRAINER,
            named
                .in(tables.diffusers().name())
                .flatMap(name ->
                    tables
                        .sizes()
                        .oneTrainer()
                        .map(style ->
                            style.equals("flat")
                                ? FLAT_DIFFUSERS + ModuleScope.flatten(name)
                                : NAMING.diffusers() + name)))
        .and(
            Dialect.AI_TOOLKIT,
            tables
                .aiToolkit()
                .flatMap(table -> named.in(table.name()))
                .map(name -> tables.sizes().aiToolkitPrefix() + name));
  }

  /** The inputs that the plain models have, where this one has more. */
  private Optional<Long> plainInputs(Named named, TensorInfo tensor) {
    return tables
        .modules()
        .find(named.module())
        .filter(ModuleLine::wider)
        .map(line -> line.shape().dim(1))
        .filter(columns -> tensor.shape().rank() > 1 && tensor.shape().dim(1) > columns);
  }

  /** The same rows of the bias beside a weight; empty if there is none of that length. */
  static Optional<Rows> bias(TensorInfo weight, Rows rows, CheckpointModel model) {
    return ParameterNames.weightOf(weight.key())
        .flatMap(module -> model.find(module + ".bias"))
        .filter(bias -> bias.shape().rows() == rows.tensorRows())
        .map(bias -> new Rows(bias.key(), rows.runs(), rows.tensorRows()));
  }
}
