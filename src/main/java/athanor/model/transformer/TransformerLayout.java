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
import org.jspecify.annotations.Nullable;

/**
 * The layouts of checkpoints of a transformer architecture, all of it from tables: the denoiser
 * with the names of those who published it or of another layout, perhaps text encoders and an
 * autoencoder. The tables are read when they are first needed.
 */
public final class TransformerLayout implements Layout {
  private static final List<String> UNTRAINED_TEXT =
      List.of("embedding", "embed_tokens", "shared", "relative_attention_bias");
  private static final Pattern NUMBERED = Pattern.compile("\\D+\\d+");

  private final Architecture architecture;
  private final String table;
  private volatile @Nullable TransformerTables tables;

  private TransformerLayout(Architecture architecture, String table) {
    this.architecture = architecture;
    this.table = table;
  }

  /** The layout of an architecture whose facts name a table. */
  public static Layout of(Architecture architecture, String table) {
    return new TransformerLayout(architecture, table);
  }

  private TransformerTables tables() {
    TransformerTables read = tables;
    if (read == null) {
      read = TransformerTables.read(table, architecture.id());
      tables = read;
    }
    return read;
  }

  @Override
  public List<TensorInfo> reference() {
    var list = new KeyList();
    String prefix = ComponentNames.of("denoiser").checkpoint().getFirst();
    List<String> names =
        tables().modules().names(tables().repeats().complete(), tables().sizes().groups());
    tables().original().tensors(names).forEach(tensor -> tensor.list(prefix, list));
    tables().encoders().forEach(encoder -> encoder.list(list));
    list.tensors().sort(Comparator.comparing(TensorInfo::key));
    return List.copyOf(list.tensors());
  }

  @Override
  public CheckpointModel read(KeySet keys, String prefix) {
    return TransformerCheckpoint.of(architecture, tables(), keys, prefix);
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
