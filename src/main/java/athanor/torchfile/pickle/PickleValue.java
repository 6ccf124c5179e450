package athanor.torchfile.pickle;

import athanor.error.PrintableText;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a pickle program makes, as data: nothing here can act. Containers have identity only; they
 * are never compared, hashed or printed as a whole, since they may be deep, shared or cyclic.
 */
public sealed interface PickleValue {

  /** What to call it in a message. */
  String kind();

  /** The dangerous name that it is or came from. */
  default Optional<Global> dangerousName() {
    return switch (this) {
      case Global global when global.dangerous() -> Optional.of(global);
      case Opaque opaque -> opaque.danger();
      default -> Optional.empty();
    };
  }

  /** None, True and False. */
  enum Constant implements PickleValue {
    NONE,
    TRUE,
    FALSE;

    @Override
    public String kind() {
      return this == NONE ? "None" : "a bool";
    }
  }

  /** A whole number. */
  record Whole(long value) implements PickleValue {
    @Override
    public String kind() {
      return "a number";
    }
  }

  /** A whole number beyond 64 bits. */
  record Huge(BigInteger value) implements PickleValue {
    @Override
    public String kind() {
      return "a number";
    }
  }

  /**
   * A text.
   *
   * @param wellFormed whether it is proper Unicode; Python texts may hold lone surrogates
   */
  record Text(String text, boolean wellFormed) implements PickleValue {
    @Override
    public String kind() {
      return "a text";
    }
  }

  /** A tuple, unmodifiable. */
  final class Tuple implements PickleValue {
    private final List<PickleValue> items;

    Tuple(List<PickleValue> items) {
      this.items = items;
    }

    /** Its items, in order. */
    public List<PickleValue> items() {
      return items;
    }

    @Override
    public String kind() {
      return "a tuple";
    }
  }

  /** A list. */
  final class Sequence implements PickleValue {
    private final ArrayList<PickleValue> items = new ArrayList<>(0);

    /** Its items, in order; may be added to. */
    public List<PickleValue> items() {
      return items;
    }

    @Override
    public String kind() {
      return "a list";
    }
  }

  /** A dict: entries under texts are kept, others only counted, for they never name weights. */
  final class Mapping implements PickleValue {
    private final Map<String, PickleValue> entries = new LinkedHashMap<>(0);
    private final List<String> replacedTensors = new ArrayList<>(0);
    private int otherKeys;
    private boolean tensorUnderMalformedText;

    /** The entries under proper texts, in the order of their first keys. */
    public Map<String, PickleValue> entries() {
      return entries;
    }

    @SuppressWarnings("ReferenceEquality") // the same tensor, not an equal one
    void put(PickleValue key, PickleValue value) {
      if (!(key instanceof Text text)) {
        otherKeys++;
      } else if (!text.wellFormed()) {
        otherKeys++;
        tensorUnderMalformedText |= value instanceof TensorReference;
      } else {
        PickleValue old = entries.put(text.text(), value);
        boolean tensors = old instanceof TensorReference && value instanceof TensorReference;
        if (tensors && old != value && replacedTensors.size() < PickleLimits.LISTED) {
          replacedTensors.add(text.text());
        }
      }
    }

    /** Keys under which a tensor replaced another tensor. */
    public List<String> replacedTensors() {
      return replacedTensors;
    }

    /** Number of entries under something else than a proper text. */
    public int otherKeys() {
      return otherKeys;
    }

    /** Whether a tensor has a name with a lone surrogate, which no other format can hold. */
    public boolean tensorUnderMalformedText() {
      return tensorUnderMalformedText;
    }

    @Override
    public String kind() {
      return "a dict";
    }
  }

  /**
   * The name of a Python class or function. It is looked up in a table of this program, never in
   * Java or Python.
   *
   * @param position byte of the pickle where it is first named
   */
  record Global(String module, String name, GlobalMeaning meaning, long position)
      implements PickleValue {

    /** As messages show it, for example {@code os.system}. */
    public String qualified() {
      return PrintableText.ofName(module + "." + name);
    }

    /** Whether it is known for running code. */
    public boolean dangerous() {
      return meaning == GlobalMeaning.Plain.DANGEROUS;
    }

    @Override
    public String kind() {
      return "the class or function " + qualified();
    }
  }

  /**
   * A reference to stored values.
   *
   * @param type element type of the storage; null when untyped, its elements are bytes then
   * @param length number of elements
   * @param view the part of an old-style storage view; null for all of it
   */
  record StorageReference(
      @Nullable TorchType type, String key, long length, @Nullable StorageView view)
      implements PickleValue {

    /** Bytes per element. */
    public int width() {
      return type == null ? 1 : type.width();
    }

    @Override
    public String kind() {
      return "a storage";
    }
  }

  /** A part of a storage, in elements; files of PyTorch before 0.5 have such. */
  record StorageView(long offset, long length) {}

  /** A tensor in the making or made. Old files name its class first and describe it later. */
  final class TensorReference implements PickleValue {
    private @Nullable Description description;

    /** A tensor that is described later, or never. */
    TensorReference() {}

    TensorReference(Description description) {
      this.description = description;
    }

    /** What the pickle says of it; empty if it never does. */
    public Optional<Description> description() {
      return Optional.ofNullable(description);
    }

    void describe(Description newDescription) {
      this.description = newDescription;
    }

    @Override
    public String kind() {
      return "a tensor";
    }
  }

  /** What a pickle says of a tensor. */
  sealed interface Description {}

  /** A view of a storage; offset, size and stride in elements of {@code type}, unchecked. */
  record Strided(
      StorageReference storage, TorchType type, long offset, List<Long> size, List<Long> stride)
      implements Description {}

  /** A tensor that cannot be read, and why. */
  record Unreadable(String reason) implements Description {}

  /** A value without content here: a float, bytes, a set. */
  record Inert(String kind) implements PickleValue {}

  /**
   * An instance of a class without meaning here. What is put into it under texts is kept, because a
   * subclass of dict may hold the weights.
   */
  final class Opaque implements PickleValue {
    private final String madeBy;
    private final @Nullable Global danger;
    private @Nullable Mapping items;

    Opaque(String madeBy, @Nullable Global danger) {
      this.madeBy = madeBy;
      this.danger = danger;
    }

    /** The name of its class, fit to be shown. */
    public String madeBy() {
      return madeBy;
    }

    /** The dangerous name that it came from. */
    public Optional<Global> danger() {
      return Optional.ofNullable(danger);
    }

    /** What was put into it as into a dict. */
    public Optional<Mapping> items() {
      return Optional.ofNullable(items);
    }

    void setItems(Mapping newItems) {
      this.items = newItems;
    }

    @Override
    public String kind() {
      return "an object of " + madeBy;
    }
  }
}
