package athanor.model.transformer;

import athanor.error.Problem;
import athanor.model.Architecture;
import athanor.model.CheckpointModel;
import athanor.model.Component;
import athanor.model.RelaidTensor;
import athanor.model.Trait;
import athanor.model.block.Block;
import athanor.model.naming.ComponentNames;
import athanor.model.naming.ModuleScope;
import athanor.model.table.KeySet;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A checkpoint of a transformer architecture, in whichever of its layouts. Most hold the denoiser
 * only, which is no peculiarity; of its keys {@link #missing} counts those of the blocks that the
 * file has.
 */
final class TransformerCheckpoint implements CheckpointModel {
  private static final ComponentNames VAE = ComponentNames.of("vae");

  private final Architecture architecture;
  private final TransformerTables tables;
  private final KeySet keys;
  private final String prefix;
  private final NameTable layout;
  private final FilePieces pieces;
  private final List<String> missing;

  private TransformerCheckpoint(
      Architecture architecture,
      TransformerTables tables,
      KeySet keys,
      String prefix,
      NameTable layout,
      FilePieces pieces) {
    this.architecture = architecture;
    this.tables = tables;
    this.keys = keys;
    this.prefix = prefix;
    this.layout = layout;
    this.pieces = pieces;
    this.missing = List.copyOf(lacking());
  }

  /** Reads a file of an architecture: the layout is the one that knows most of its names. */
  static TransformerCheckpoint of(
      Architecture architecture, TransformerTables tables, KeySet keys, String prefix) {
    NameTable layout = tables.original();
    Map<String, TensorInfo> weights = Map.of();
    int most = -1;
    for (NameTable candidate : tables.layouts()) {
      Map<String, TensorInfo> found = weights(tables, keys, prefix, candidate);
      int known =
          (int) found.keySet().stream().filter(name -> !candidate.find(name).isEmpty()).count();
      if (known > most) {
        most = known;
        layout = candidate;
        weights = found;
      }
    }
    return new TransformerCheckpoint(
        architecture,
        tables,
        keys,
        prefix,
        layout,
        FilePieces.of(weights, layout, tables.modules()));
  }

  /** The weights of the denoiser by the names of their modules in the file. */
  private static Map<String, TensorInfo> weights(
      TransformerTables tables, KeySet keys, String prefix, NameTable layout) {
    Map<String, TensorInfo> weights = LinkedHashMap.newLinkedHashMap(keys.size());
    for (TensorInfo tensor : keys.tensors().values()) {
      String key = tensor.key();
      if (key.startsWith(prefix) && outside(tables, key).isEmpty()) {
        String name = key.substring(prefix.length());
        ParameterNames.weightOf(name)
            .or(() -> isBare(tables, layout, name) ? Optional.of(name) : Optional.empty())
            .ifPresent(module -> weights.put(module, tensor));
      }
    }
    return weights;
  }

  /** Whether a key is the name of a parameter that has no ending. */
  private static boolean isBare(TransformerTables tables, NameTable layout, String name) {
    return layout.find(name).stream()
        .anyMatch(segment ->
            tables
                .modules()
                .find(segment.module())
                .filter(line -> line.ending().isEmpty())
                .isPresent());
  }

  /** What a key belongs to that is no denoiser's. */
  private static Optional<Component> outside(TransformerTables tables, String key) {
    for (EncoderTable encoder : tables.encoders()) {
      if (key.startsWith(encoder.prefix())) {
        return Optional.of(encoder.component());
      }
    }
    return VAE.ownsKey(key) ? Optional.of(Component.VAE) : Optional.empty();
  }

  @Override
  public Architecture architecture() {
    return architecture;
  }

  @Override
  public Optional<String> variant() {
    return tables.sizes().variants().stream()
        .filter(rule -> rule.holds(pieces))
        .map(VariantRule::label)
        .findFirst();
  }

  @Override
  public Set<Trait> traits() {
    return keys.any(Trait::marksScaledWeights) ? Set.of(Trait.SCALED_WEIGHTS) : Set.of();
  }

  @Override
  public List<String> missing() {
    return missing;
  }

  private List<String> lacking() {
    Set<String> groups = new TreeSet<>();
    for (ModuleLine line : tables.modules().lines()) {
      if (line.group().isPresent() && line.names(pieces.blocks()).stream().anyMatch(pieces::has)) {
        groups.add(line.group().get());
      }
    }
    var lacking = new TreeSet<String>();
    for (LayoutTensor tensor : layout.tensors(tables.modules().names(pieces.blocks(), groups))) {
      tensor.keys().forEach(key -> lack(key, lacking));
    }
    return List.copyOf(lacking);
  }

  private void lack(String name, Set<String> lacking) {
    String key = prefix + name;
    if (!keys.has(key) && !keys.has(ParameterNames.otherSpelling(key))) {
      lacking.add(key);
    }
  }

  @Override
  public String denoiserPrefix() {
    return prefix;
  }

  /** Bundles have the keys of the autoencoder behind one prefix or another. */
  @Override
  public String storedKey(String plainKey) {
    String usual = VAE.checkpointPrefixes().getFirst();
    return plainKey.startsWith(usual) && !keys.anyStartsWith(usual)
        ? VAE.checkpointPrefixes().stream()
            .filter(keys::anyStartsWith)
            .findFirst()
            .map(own -> own + plainKey.substring(usual.length()))
            .orElse(plainKey)
        : plainKey;
  }

  @Override
  public Component componentOf(String key) {
    return outside(tables, key)
        .orElseGet(() -> isDenoiser(key) ? Component.TRANSFORMER : Component.OTHER);
  }

  private boolean isDenoiser(String key) {
    return key.startsWith(prefix)
        && (!prefix.isEmpty()
            || ParameterNames.moduleOf(key).isPresent()
            || isBare(tables, layout, key));
  }

  @Override
  public Block blockOf(String key) {
    for (EncoderTable encoder : tables.encoders()) {
      if (key.startsWith(encoder.prefix())) {
        return encoder.block();
      }
    }
    String name = key.startsWith(prefix) ? key.substring(prefix.length()) : key;
    String module = ParameterNames.moduleOf(name).orElse(name);
    return tables.blockOf(
        layout.find(module).stream().findFirst().map(Segment::module).orElse(module));
  }

  @Override
  public Collection<TensorInfo> tensors() {
    return keys.tensors().values();
  }

  @Override
  public Optional<TensorInfo> find(String key) {
    return Optional.ofNullable(keys.tensors().get(key));
  }

  @Override
  public List<String> layouts() {
    return tables.layouts().stream().map(NameTable::name).toList();
  }

  @Override
  public Optional<String> layout() {
    return Optional.of(layout.name());
  }

  @Override
  public List<RelaidTensor> inLayout(String name) {
    if (has(Trait.SCALED_WEIGHTS)) {
      throw Problem.incompatible("weights that are stored with separate scales keep their layout")
          .found(Trait.SCALED_WEIGHTS.label())
          .help("convert a bf16 or fp16 version of this model")
          .toException();
    }
    NameTable wanted = tables.layout(name).orElseThrow();
    boolean bare =
        !wanted.equals(tables.original()) && tensors().stream().allMatch(this::isPrefixed);
    return new Relayout(keys, prefix, bare ? "" : prefix, pieces, tables.modules()).in(wanted);
  }

  private boolean isPrefixed(TensorInfo tensor) {
    return tensor.key().startsWith(prefix);
  }

  @Override
  public List<ModuleScope> modules() {
    var scopes = new ArrayList<ModuleScope>();
    scopes.add(TransformerTargets.denoiser(this, tables, pieces));
    for (EncoderTable encoder : tables.encoders()) {
      scopes.add(EncoderTargets.of(this, encoder));
    }
    return scopes;
  }

  @Override
  public String toString() {
    return description();
  }
}
