package athanor.torchfile.pickle;

import athanor.torchfile.pickle.GlobalMeaning.Rebuild;
import athanor.torchfile.pickle.PickleValue.Constant;
import athanor.torchfile.pickle.PickleValue.Description;
import athanor.torchfile.pickle.PickleValue.Global;
import athanor.torchfile.pickle.PickleValue.Mapping;
import athanor.torchfile.pickle.PickleValue.Sequence;
import athanor.torchfile.pickle.PickleValue.StorageReference;
import athanor.torchfile.pickle.PickleValue.Strided;
import athanor.torchfile.pickle.PickleValue.TensorReference;
import athanor.torchfile.pickle.PickleValue.Tuple;
import athanor.torchfile.pickle.PickleValue.Unreadable;
import athanor.torchfile.pickle.PickleValue.Whole;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The functions of {@code torch._utils} that make tensors, as data. Arguments that do not change
 * values (requires_grad, hooks, state, the subclass) are ignored. What is wrong with a tensor is
 * kept in it and matters only if it is one of the weights.
 */
final class TensorRebuild {
  private static final int METADATA_V2 = 6;
  private static final int METADATA_V3 = 7;

  private TensorRebuild() {}

  static TensorReference call(Rebuild function, List<PickleValue> args) {
    return switch (function) {
      case TENSOR -> new TensorReference(strided(args, 4));
      case TENSOR_V2 -> new TensorReference(withoutLazyBits(strided(args, 6), args, METADATA_V2));
      case TENSOR_V3 -> new TensorReference(withoutLazyBits(typed(args), args, METADATA_V3));
      case PARAMETER, PARAMETER_WITH_STATE ->
          !args.isEmpty() && args.getFirst() instanceof TensorReference tensor
              ? tensor
              : unreadable("it is a parameter without a tensor");
      case FROM_TYPE_V2 -> fromType(args);
    };
  }

  private static TensorReference fromType(List<PickleValue> args) {
    if (args.size() >= 3
        && args.get(0) instanceof Global function
        && args.get(2) instanceof Tuple inner) {
      if (function.meaning() instanceof GlobalMeaning.RefusedRebuild(String reason)) {
        return unreadable(reason);
      }
      if (function.meaning() instanceof Rebuild rebuild && rebuild != Rebuild.FROM_TYPE_V2) {
        return call(rebuild, inner.items());
      }
    }
    return unreadable("it is made by an unknown function");
  }

  private static TensorReference unreadable(String reason) {
    return new TensorReference(new Unreadable(reason));
  }

  /** (storage, offset, size, stride, …): the element type is the storage's. */
  static Description strided(List<PickleValue> args, int leastArgs) {
    if (args.size() < leastArgs || !(args.get(0) instanceof StorageReference storage)) {
      return new Unreadable("it does not refer to a storage");
    }
    TorchType type = storage.type();
    return type == null
        ? new Unreadable("its storage has no element type")
        : view(storage, type, args);
  }

  /** (storage, offset, size, stride, requires_grad, hooks, dtype, …). */
  private static Description typed(List<PickleValue> args) {
    if (args.size() < METADATA_V3 || !(args.get(0) instanceof StorageReference storage)) {
      return new Unreadable("it does not refer to a storage");
    }
    return args.get(6) instanceof Global global
            && global.meaning() instanceof GlobalMeaning.ElementType(TorchType type)
        ? view(storage, type, args)
        : new Unreadable("its element type is unknown");
  }

  private static Description view(
      StorageReference storage, TorchType type, List<PickleValue> args) {
    Optional<List<Long>> size = numbers(args.get(2));
    Optional<List<Long>> stride = numbers(args.get(3));
    if (args.get(1) instanceof Whole offset && size.isPresent() && stride.isPresent()) {
      return new Strided(storage, type, offset.value(), size.get(), stride.get());
    }
    return new Unreadable(
        "its offset, size or stride is not made of numbers, or has more than "
            + PickleLimits.RANK
            + " dimensions");
  }

  private static Optional<List<Long>> numbers(PickleValue value) {
    List<PickleValue> items =
        switch (value) {
          case Tuple tuple -> tuple.items();
          case Sequence list -> list.items();
          default -> null;
        };
    if (items == null || items.size() > PickleLimits.RANK) {
      return Optional.empty();
    }
    var numbers = new ArrayList<Long>(items.size());
    for (PickleValue item : items) {
      if (!(item instanceof Whole whole)) {
        return Optional.empty();
      }
      numbers.add(whole.value());
    }
    return Optional.of(numbers);
  }

  /** Conjugation and negation may be left for later by a bit in the metadata. */
  private static Description withoutLazyBits(
      Description tensor, List<PickleValue> args, int metadataIndex) {
    if (args.size() > metadataIndex && args.get(metadataIndex) instanceof Mapping metadata) {
      for (String bit : new String[] {"conj", "neg"}) {
        PickleValue value = metadata.entries().get(bit);
        if (value != null && value != Constant.FALSE) {
          return new Unreadable("it is stored with its '" + bit + "' bit set");
        }
      }
    }
    return tensor;
  }
}
