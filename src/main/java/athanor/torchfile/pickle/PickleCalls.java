package athanor.torchfile.pickle;

import athanor.torchfile.pickle.GlobalMeaning.Plain;
import athanor.torchfile.pickle.GlobalMeaning.Rebuild;
import athanor.torchfile.pickle.PickleValue.Global;
import athanor.torchfile.pickle.PickleValue.Mapping;
import athanor.torchfile.pickle.PickleValue.Opaque;
import athanor.torchfile.pickle.PickleValue.Sequence;
import athanor.torchfile.pickle.PickleValue.StorageReference;
import athanor.torchfile.pickle.PickleValue.Strided;
import athanor.torchfile.pickle.PickleValue.TensorReference;
import athanor.torchfile.pickle.PickleValue.Tuple;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What calling, building and filling means for data: a few functions make containers and tensors,
 * every other call makes an inert object that remembers the dangerous name it came from.
 */
final class PickleCalls {
  static final int MAPPING_BYTES = 128;
  static final int ENTRY_BYTES = 72;
  static final int ITEM_BYTES = 8;
  private static final int OBJECT_BYTES = 64;
  private static final int TENSOR_BYTES = 160;
  private static final int NUMBER_BYTES = 32;

  private final PickleFindings findings;

  PickleCalls(PickleFindings findings) {
    this.findings = findings;
  }

  /** REDUCE, NEWOBJ, OBJ and INST. */
  PickleValue call(PickleValue callee, List<PickleValue> args, long position) {
    findings.charge(position, OBJECT_BYTES + (long) ITEM_BYTES * args.size());
    return switch (callee) {
      case Global global -> call(global, args, position);
      case Opaque opaque -> opaque(opaque.madeBy(), opaque.danger().orElse(null), args);
      default -> throw findings.malformed(position, callee.kind() + " is called like a function");
    };
  }

  private PickleValue call(Global callee, List<PickleValue> args, long position) {
    return switch (callee.meaning()) {
      case Rebuild rebuild -> {
        TensorReference tensor = TensorRebuild.call(rebuild, args);
        findings.charge(position, TENSOR_BYTES + sizeAndStrideBytes(tensor));
        yield tensor;
      }
      case GlobalMeaning.RefusedRebuild(String reason) ->
          new TensorReference(new PickleValue.Unreadable(reason));
      case GlobalMeaning.TensorClass _ -> new TensorReference();
      case GlobalMeaning.StorageClass _, GlobalMeaning.ElementType _ -> opaque(callee, args);
      case Plain plain ->
          switch (plain) {
            case DICT -> dict(callee, args, position);
            case LIST -> list(callee, args, position);
            case TUPLE -> tuple(callee, args, position);
            case PARAMETER ->
                !args.isEmpty() && args.getFirst() instanceof TensorReference tensor
                    ? tensor
                    : new TensorReference();
            case RECONSTRUCTOR ->
                !args.isEmpty() && args.getFirst() instanceof Global type
                    ? opaque(type, args)
                    : opaque(callee, args);
            case PARAMETER_DICT, INERT, DANGEROUS -> opaque(callee, args);
          };
    };
  }

  private static long sizeAndStrideBytes(TensorReference tensor) {
    return tensor.description().orElse(null) instanceof Strided strided
        ? (long) NUMBER_BYTES * (strided.size().size() + strided.stride().size())
        : 0;
  }

  private Opaque opaque(Global callee, List<PickleValue> args) {
    return opaque(callee.qualified(), callee.dangerous() ? callee : null, args);
  }

  private Opaque opaque(String madeBy, @Nullable Global danger, List<PickleValue> args) {
    findings.ignore(madeBy);
    Global any = danger;
    for (int i = 0; any == null && i < args.size(); i++) {
      any = args.get(i).dangerousName().orElse(null);
    }
    return new Opaque(madeBy, any);
  }

  /** dict(), dict(mapping), dict(pairs); defaultdict has its factory before that. */
  private PickleValue dict(Global callee, List<PickleValue> args, long position) {
    findings.charge(position, MAPPING_BYTES - OBJECT_BYTES);
    int factory = callee.name().equals("defaultdict") ? 1 : 0;
    if (args.size() > factory + 1) {
      return opaque(callee, args);
    }
    var mapping = new Mapping();
    if (args.size() == factory + 1) {
      PickleValue content = args.get(factory);
      if (content instanceof Mapping other) {
        findings.charge(position, (long) ENTRY_BYTES * other.entries().size());
        other
            .entries()
            .forEach((key, value) -> mapping.put(new PickleValue.Text(key, true), value));
        return mapping;
      }
      List<PickleValue> pairs = itemsOf(content);
      if (pairs == null) {
        return opaque(callee, args);
      }
      findings.charge(position, (long) ENTRY_BYTES * pairs.size());
      for (PickleValue pair : pairs) {
        List<PickleValue> keyAndValue = itemsOf(pair);
        if (keyAndValue == null || keyAndValue.size() != 2) {
          throw findings.malformed(position, "a dict is made of something else than pairs");
        }
        mapping.put(keyAndValue.get(0), keyAndValue.get(1));
      }
    }
    return mapping;
  }

  private PickleValue list(Global callee, List<PickleValue> args, long position) {
    var list = new Sequence();
    if (args.isEmpty()) {
      return list;
    }
    List<PickleValue> items = itemsOf(args.getFirst());
    if (items == null || args.size() > 1) {
      return opaque(callee, args);
    }
    findings.charge(position, (long) ITEM_BYTES * items.size());
    list.items().addAll(items);
    return list;
  }

  private PickleValue tuple(Global callee, List<PickleValue> args, long position) {
    if (args.isEmpty()) {
      return new Tuple(List.of());
    }
    List<PickleValue> items = itemsOf(args.getFirst());
    if (items == null || args.size() > 1) {
      return opaque(callee, args);
    }
    findings.charge(position, (long) ITEM_BYTES * items.size());
    return new Tuple(List.copyOf(items));
  }

  private static @Nullable List<PickleValue> itemsOf(PickleValue value) {
    return switch (value) {
      case Tuple tuple -> tuple.items();
      case Sequence list -> list.items();
      default -> null;
    };
  }

  /** BUILD: gives an object its state. Only old tensors and parameter dicts take something. */
  void build(PickleValue target, PickleValue state, long position) {
    switch (target) {
      case TensorReference tensor when tensor.description().isEmpty() -> describe(tensor, state);
      case Opaque opaque -> {
        if (state instanceof Mapping mapping
            && opaque.madeBy().endsWith(".ParameterDict")
            && mapping.entries().get("_parameters") instanceof Mapping parameters) {
          opaque.setItems(parameters);
        }
      }
      case TensorReference _, Mapping _, Global _, StorageReference _ -> {}
      default -> throw findings.malformed(position, target.kind() + " cannot be given a state");
    }
  }

  /** The state is (storage, offset, size, stride), or for a parameter (tensor, …). */
  private static void describe(TensorReference tensor, PickleValue state) {
    if (!(state instanceof Tuple tuple) || tuple.items().isEmpty()) {
      return;
    }
    if (tuple.items().getFirst() instanceof TensorReference other) {
      other.description().ifPresent(tensor::describe);
    } else {
      tensor.describe(TensorRebuild.strided(tuple.items(), 4));
    }
  }

  /** SETITEM and SETITEMS: keys and values in turn. */
  void setItems(PickleValue target, List<PickleValue> keysAndValues, long position) {
    if (keysAndValues.size() % 2 != 0) {
      throw findings.malformed(position, "a key without a value");
    }
    Mapping mapping =
        switch (target) {
          case Mapping dict -> dict;
          case Opaque opaque -> itemsOf(opaque, position);
          default -> throw findings.malformed(position, target.kind() + " is filled like a dict");
        };
    findings.charge(position, (long) ENTRY_BYTES * (keysAndValues.size() / 2));
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      mapping.put(keysAndValues.get(i), keysAndValues.get(i + 1));
    }
  }

  private Mapping itemsOf(Opaque opaque, long position) {
    if (opaque.items().isEmpty()) {
      findings.charge(position, MAPPING_BYTES);
      opaque.setItems(new Mapping());
    }
    return opaque.items().get();
  }

  /** APPEND and APPENDS. */
  void append(PickleValue target, List<PickleValue> values, long position) {
    switch (target) {
      case Sequence list -> {
        findings.charge(position, (long) ITEM_BYTES * values.size());
        list.items().addAll(values);
      }
      case Opaque _ -> {}
      default -> throw findings.malformed(position, target.kind() + " is filled like a list");
    }
  }

  /** ADDITEMS: fills a set, of which nothing is kept. */
  @SuppressWarnings("ReferenceEquality") // one object stands for all sets
  void addItems(PickleValue target, long position) {
    boolean setLike = target == PickleMachine.SET || target instanceof Opaque;
    if (!setLike) {
      throw findings.malformed(position, target.kind() + " is filled like a set");
    }
  }
}
