package athanor.model.transformer;

import athanor.model.Architecture;
import athanor.model.CheckpointModel;
import athanor.model.Layout;
import athanor.model.Target;
import athanor.model.naming.ComponentNames;
import athanor.model.table.KeyList;
import athanor.model.table.KeySet;
import athanor.tensor.TensorInfo;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The layout of checkpoints of a transformer architecture, all of it from tables: the denoiser with
 * the names of those who published it, perhaps text encoders and an autoencoder.
 */
public final class TransformerLayout implements Layout {
  private static final List<String> UNTRAINED_TEXT =
      List.of("embedding", "shared", "relative_attention_bias");
  private static final Pattern NUMBERED = Pattern.compile("\\D+\\d+");

  private final Architecture architecture;
  private final TransformerTables tables;

  private TransformerLayout(Architecture architecture, TransformerTables tables) {
    this.architecture = architecture;
    this.tables = tables;
  }

  /** The layout of an architecture, read from the table that is named after its id. */
  public static Layout of(Architecture architecture) {
    return new TransformerLayout(architecture, TransformerTables.read(architecture.id()));
  }

  @Override
  public boolean reads(KeySet keys, String prefix) {
    return keys.any(
        key -> key.startsWith(prefix) && tables.keys().has(key.substring(prefix.length())));
  }

  @Override
  public List<TensorInfo> reference() {
    var list = new KeyList();
    tables.keys().list(ComponentNames.of("denoiser").checkpoint().getFirst(), list);
    tables.encoders().forEach(encoder -> encoder.keys().list(encoder.prefix(), list));
    list.tensors().sort(Comparator.comparing(TensorInfo::key));
    return List.copyOf(list.tensors());
  }

  @Override
  public CheckpointModel read(KeySet keys, String prefix) {
    List<String> missing =
        tables.keys().required(prefix, tables.blocks().in(keys, prefix)).stream()
            .filter(key -> !keys.has(key) && !keys.has(TransformerNames.otherSpelling(key)))
            .toList();
    return new TransformerCheckpoint(architecture, tables, keys, prefix, missing);
  }

  /** Every linear layer inside the blocks, and those of the text encoders. */
  @Override
  public boolean isTrained(Target target, boolean convolutions) {
    if (target.shape().rank() != 2 || !target.weight().isWhole()) {
      return false;
    }
    String name = target.kohyaName();
    return target.component().isTextEncoder()
        ? UNTRAINED_TEXT.stream().noneMatch(name::contains)
        : NUMBERED.matcher(target.block().name()).matches();
  }
}
