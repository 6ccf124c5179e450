package athanor.torchfile.pickle;

import athanor.torchfile.pickle.GlobalMeaning.ElementType;
import athanor.torchfile.pickle.GlobalMeaning.Plain;
import athanor.torchfile.pickle.GlobalMeaning.Rebuild;
import athanor.torchfile.pickle.GlobalMeaning.RefusedRebuild;
import athanor.torchfile.pickle.GlobalMeaning.StorageClass;
import athanor.torchfile.pickle.GlobalMeaning.TensorClass;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The names of Python classes and functions that a checkpoint may mention, in three tiers: those
 * with a meaning here (containers, storages, tensor functions), those known for running code, and
 * all others. Only the first make anything but an inert object; nothing is ever looked up outside
 * of this table.
 */
final class Globals {
  private static final Map<String, String> OLD_MODULES =
      Map.of("__builtin__", "builtins", "copy_reg", "copyreg", "torch.tensor", "torch._tensor");

  private static final Map<String, GlobalMeaning> KNOWN = known();

  private static final Set<String> KNOWN_MODULES =
      KNOWN.keySet().stream().map(name -> name.split(" ")[0]).collect(Collectors.toSet());

  private Globals() {}

  /** The meaning of {@code module.name}. */
  static GlobalMeaning meaning(String module, String name) {
    String today = OLD_MODULES.getOrDefault(module, module);
    GlobalMeaning known = KNOWN.get(today + " " + name);
    if (known != null) {
      return known;
    }
    boolean attributeWalk = name.contains(".") && KNOWN_MODULES.contains(today);
    boolean hidden = hidesSomething(module) || hidesSomething(name);
    return attributeWalk || hidden || DangerousNames.contain(today, name)
        ? Plain.DANGEROUS
        : Plain.INERT;
  }

  private static boolean hidesSomething(String name) {
    return name.isEmpty() || name.codePoints().anyMatch(Globals::isInvisible);
  }

  private static boolean isInvisible(int point) {
    return Character.isISOControl(point)
        || Character.isWhitespace(point)
        || Character.isSpaceChar(point)
        || Character.getType(point) == Character.FORMAT;
  }

  private static Map<String, GlobalMeaning> known() {
    var known = new HashMap<String, GlobalMeaning>();
    for (String name : new String[] {"OrderedDict", "defaultdict", "Counter"}) {
      known.put("collections " + name, Plain.DICT);
    }
    known.put("builtins dict", Plain.DICT);
    known.put("builtins list", Plain.LIST);
    known.put("builtins tuple", Plain.TUPLE);
    known.put("torch Size", Plain.TUPLE);
    known.put("copyreg _reconstructor", Plain.RECONSTRUCTOR);
    known.put("torch.nn.modules.container ParameterDict", Plain.PARAMETER_DICT);
    known.put("torch.nn.parameter Parameter", Plain.PARAMETER);
    addInert(known);
    addTensorFunctions(known);
    addTypes(known);
    return Map.copyOf(known);
  }

  /** Harmless names of modules that have a meaning, so that only the odd ones stand out. */
  private static void addInert(Map<String, GlobalMeaning> known) {
    String[] names = {
      "builtins set",
      "builtins frozenset",
      "builtins bytearray",
      "builtins bytes",
      "builtins complex",
      "builtins int",
      "builtins float",
      "builtins bool",
      "builtins str",
      "builtins slice",
      "builtins range",
      "builtins object",
      "_codecs encode",
      "torch device",
      "torch.serialization _get_layout",
      "numpy.core.multiarray scalar",
      "numpy._core.multiarray scalar",
      "numpy.core.multiarray _reconstruct",
      "numpy._core.multiarray _reconstruct",
      "numpy dtype",
      "numpy ndarray"
    };
    for (String name : names) {
      known.put(name, Plain.INERT);
    }
  }

  private static void addTensorFunctions(Map<String, GlobalMeaning> known) {
    for (Rebuild rebuild : Rebuild.values()) {
      String module = rebuild == Rebuild.FROM_TYPE_V2 ? "torch._tensor " : "torch._utils ";
      known.put(module + rebuild.function(), rebuild);
    }
    known.put("torch._utils _rebuild_qtensor", new RefusedRebuild("it is quantised"));
    known.put("torch._utils _rebuild_sparse_tensor", new RefusedRebuild("it is sparse"));
    known.put("torch._utils _rebuild_sparse_csr_tensor", new RefusedRebuild("it is sparse"));
    known.put("torch._utils _rebuild_nested_tensor", new RefusedRebuild("it is nested"));
    known.put(
        "torch._utils _rebuild_meta_tensor_no_storage",
        new RefusedRebuild("it is a meta tensor, without values"));
    known.put(
        "torch._utils _rebuild_wrapper_subclass",
        new RefusedRebuild("it is a tensor subclass without a storage"));
    for (String source : new String[] {"numpy", "cpu_tensor"}) {
      known.put(
          "torch._utils _rebuild_device_tensor_from_" + source,
          new RefusedRebuild("it was saved from a device without storages"));
    }
  }

  private static void addTypes(Map<String, GlobalMeaning> known) {
    for (TorchType type : TorchType.values()) {
      known.put("torch " + type.torchName(), new ElementType(type));
      type.alias().ifPresent(alias -> known.put("torch " + alias, new ElementType(type)));
      type.storagePrefix()
          .ifPresent(prefix -> {
            for (String module : new String[] {"torch ", "torch.cuda "}) {
              known.put(module + prefix + "Storage", new StorageClass(type));
              known.put(module + prefix + "Tensor", new TensorClass(type));
            }
          });
    }
    known.put("torch Tensor", new TensorClass(null));
    known.put("torch.storage UntypedStorage", new StorageClass(null));
    known.put("torch.storage _UntypedStorage", new StorageClass(null));
    known.put("torch UntypedStorage", new StorageClass(null));
  }
}
