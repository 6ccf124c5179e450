package athanor.torchfile.pickle;

import org.jspecify.annotations.Nullable;

/** What the name of a Python class or function means to the reader; see {@link Globals}. */
public sealed interface GlobalMeaning {

  /** Names that stand for themselves. */
  enum Plain implements GlobalMeaning {
    /** No meaning here: its objects are inert. */
    INERT,
    /** Known for running code, or made to hide what it names: inert too, and reported. */
    DANGEROUS,
    /** A class whose objects are dicts. */
    DICT,
    /** A class whose objects are lists. */
    LIST,
    /** A class whose objects are tuples, {@code torch.Size} among them. */
    TUPLE,
    /** {@code copyreg._reconstructor}: an object of its first argument. */
    RECONSTRUCTOR,
    /** The parameter dict of PyTorch: its weights are in the state it is built from. */
    PARAMETER_DICT,
    /** {@code torch.nn.parameter.Parameter}. */
    PARAMETER
  }

  /** A function that makes a tensor; see {@link TensorRebuild}. */
  enum Rebuild implements GlobalMeaning {
    TENSOR("_rebuild_tensor"),
    TENSOR_V2("_rebuild_tensor_v2"),
    TENSOR_V3("_rebuild_tensor_v3"),
    PARAMETER("_rebuild_parameter"),
    PARAMETER_WITH_STATE("_rebuild_parameter_with_state"),
    FROM_TYPE_V2("_rebuild_from_type_v2");

    private final String function;

    Rebuild(String function) {
      this.function = function;
    }

    String function() {
      return function;
    }
  }

  /** A function that makes a tensor of a kind that cannot be read. */
  record RefusedRebuild(String reason) implements GlobalMeaning {}

  /** A class of storages; {@code type} is null for the untyped one. */
  record StorageClass(@Nullable TorchType type) implements GlobalMeaning {}

  /** An element type. */
  record ElementType(TorchType type) implements GlobalMeaning {}

  /** A class of tensors; {@code type} is null for {@code torch.Tensor}. */
  record TensorClass(@Nullable TorchType type) implements GlobalMeaning {}
}
