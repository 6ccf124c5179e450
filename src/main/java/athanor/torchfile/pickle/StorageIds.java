package athanor.torchfile.pickle;

import athanor.torchfile.pickle.PickleValue.Constant;
import athanor.torchfile.pickle.PickleValue.Global;
import athanor.torchfile.pickle.PickleValue.StorageReference;
import athanor.torchfile.pickle.PickleValue.StorageView;
import athanor.torchfile.pickle.PickleValue.Text;
import athanor.torchfile.pickle.PickleValue.Tuple;
import athanor.torchfile.pickle.PickleValue.Whole;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Persistent ids, by which a pickle refers to stored values: {@code ('storage', class, key, device,
 * length)}, and in files before PyTorch 1.6 a sixth item, None or {@code (key, offset, length)} of
 * a view. The device does not matter here.
 */
public final class StorageIds {
  private static final int REFERENCE_BYTES = 128;

  private final PickleFindings findings;
  private final boolean legacy;
  private final List<StorageReference> seen = new ArrayList<>();

  /**
   * The ids of one pickle.
   *
   * @param findings charged for every reference
   * @param legacy whether the file is of the format before PyTorch 1.6
   */
  public StorageIds(PickleFindings findings, boolean legacy) {
    this.findings = findings;
    this.legacy = legacy;
  }

  /** Every reference of a file of the old format, in order. */
  public List<StorageReference> seen() {
    return seen;
  }

  StorageReference resolve(PickleValue id, long position) {
    if (!(id instanceof Tuple tuple) || tuple.items().isEmpty()) {
      throw findings.malformed(position, "a persistent id is " + id.kind() + ", not a tuple");
    }
    List<PickleValue> items = tuple.items();
    if (!(items.getFirst() instanceof Text first) || !first.text().equals("storage")) {
      throw findings.malformed(position, "a persistent id refers to something else than a storage");
    }
    int expected = legacy ? 6 : 5;
    if (items.size() != expected) {
      throw findings.malformed(
          position, "a storage reference has " + items.size() + " items, not " + expected);
    }
    TorchType type = type(items.get(1), position);
    var reference =
        new StorageReference(
            type,
            key(items.get(2), position),
            length(items.get(4), type, position),
            legacy ? view(items.get(5), position) : null);
    findings.charge(position, REFERENCE_BYTES);
    if (legacy) {
      seen.add(reference);
    }
    return reference;
  }

  private @Nullable TorchType type(PickleValue value, long position) {
    if (value instanceof Global global
        && global.meaning() instanceof GlobalMeaning.StorageClass known) {
      return known.type();
    }
    throw findings.malformed(position, "a storage is of " + value.kind() + ", not a known class");
  }

  private String key(PickleValue value, long position) {
    return switch (value) {
      case Whole number when number.value() >= 0 -> Long.toString(number.value());
      case Text text
          when text.wellFormed() && text.text().length() <= PickleLimits.STORAGE_KEY_CHARACTERS ->
          text.text();
      default -> throw findings.malformed(position, "a storage key is " + value.kind());
    };
  }

  private long length(PickleValue value, @Nullable TorchType type, long position) {
    int width = type == null ? 1 : type.width();
    if (value instanceof Whole number
        && number.value() >= 0
        && number.value() <= Long.MAX_VALUE / width) {
      return number.value();
    }
    throw findings.malformed(position, "the length of a storage is not a possible number");
  }

  private @Nullable StorageView view(PickleValue value, long position) {
    if (value == Constant.NONE) {
      return null;
    }
    if (value instanceof Tuple tuple
        && tuple.items().size() == 3
        && tuple.items().get(1) instanceof Whole offset
        && tuple.items().get(2) instanceof Whole length
        && offset.value() >= 0
        && length.value() >= 0) {
      return new StorageView(offset.value(), length.value());
    }
    throw findings.malformed(position, "a storage view is not (key, offset, length)");
  }
}
